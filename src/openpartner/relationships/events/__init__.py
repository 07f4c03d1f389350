"""The facts that relationships announce."""
