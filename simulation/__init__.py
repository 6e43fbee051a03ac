"""A state in a minute: plays citizens and officers in virtual time, for demo, soak test and dashboards.

Everything they do goes through the workflow's own functions; the portal's own work (routing, deadlines, messages,
figures) is done by the functions that its workers run. Only in the demo.
"""
