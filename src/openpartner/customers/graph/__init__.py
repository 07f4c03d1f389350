"""A partner's customers on the Graph surface: the contracts that partner tools read their tenants from."""
