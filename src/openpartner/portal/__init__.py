"""The portal's own part: signing in as an OpenID relying party, the browser's session, home and the action center.

The pages of a domain are in its slice; this one knows how a browser gets to them.
"""
