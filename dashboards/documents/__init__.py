"""Boards as PDF, typeset by typst in a process of its own. What stands on a board goes in as data, never as markup."""
