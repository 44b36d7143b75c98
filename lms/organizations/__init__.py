"""Organizations (组织): regions, stations, departments, agencies, party schools; one tree.

Words: an *organization* has a *parent*; its *subtree* is itself and everything below. The
*closure* holds a row for each pair of an organization and one of its ancestors (itself
included, depth 0), so that a subtree is one indexed query on every database.
"""
