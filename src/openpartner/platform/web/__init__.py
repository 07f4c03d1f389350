"""What every page stands on: templates and macros, formats, forms, tables, exports, static assets.

README.md shows page authors how.
"""
