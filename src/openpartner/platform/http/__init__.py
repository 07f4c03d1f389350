"""What HTTP adds to every surface: paths, ids, tokens, envelopes, links, paging, ETags, retries."""
