"""The boards: pages of figures for whoever steers by them. `grievance.access.figures_of` says whose they see.

A board is a function that answers what was `asked.Asked` with a `parts.Board`: cards, tables, lists. Pages, and
whatever else shows boards, only arrange what it holds.
"""
