"""The JSON of subscriptions, licences and what hangs on them. Source: partner-center-resources §4, §10, §11."""
