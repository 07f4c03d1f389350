"""A receiver of webhooks inside the sandbox: it keeps what comes, says whether it is true, and answers as it is told.

It stands outside of the business: nothing of it is announced, so a delivery to it makes no other delivery.
"""
