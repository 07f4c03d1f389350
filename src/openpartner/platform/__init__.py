"""What every slice stands on: world, clock, unit of work, events, money, errors, permissions, HTTP, web."""
