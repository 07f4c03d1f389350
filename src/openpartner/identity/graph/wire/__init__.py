"""Declarations of the directory's resources, and what their operations take. Source: graph-conventions §16."""
