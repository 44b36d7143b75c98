"""People (人员): persons, their posts, their roles with scope, and signing in.

Words: a *post* is where somebody works, as what, from when to when; a *role* is what they may
do, over an organization's subtree; a *grant* gives a person a role; the *principal* is the
signed-in person as pages see them. A person who learns is called *learner* in other rooms.
The *file* (档案) is what is known of a person besides their learning; numbers in it are *sealed*,
shown *masked*, and *revealed* for a reason. A *duplicate* is *merged* into the *survivor*.
"""
