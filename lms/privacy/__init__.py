"""Privacy (个人信息保护): consent, the rights of the people whose data this is, retention.

Words: a *text* (告知书) tells or asks something for one *purpose* and is published in versions; an
*answer* to a version is a fact: acknowledged, given, refused or withdrawn. A *correction request*
(更正申请) waits for a clerk; *closing* an account (注销) waits through a *cooling* period in which
it can be taken back. A *period* (保存期限) says how long something is kept.

Others ask :func:`lms.privacy.queries.has_consent`, or put
:func:`lms.privacy.queries.consent_given` into a statement of their own.
"""
