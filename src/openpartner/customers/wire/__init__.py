"""The JSON of customers, in and out, as partner-center-resources §1 to §4 and §24 have it."""
