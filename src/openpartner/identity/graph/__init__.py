"""The directory on the Graph surface: what its resources show and take, and its routes. Use cases: ``service``."""
