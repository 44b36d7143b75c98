"""The tables of our database, as SQLAlchemy's Core knows them: no entity is ever made of a row."""

from lms.migrations.schema import metadata

_t = metadata.tables

person = _t["person"]
grant = _t["role_grant"]
organization, closure, post = _t["organization"], _t["organization_closure"], _t["post"]
record, audit = _t["record"], _t["audit_entry"]
rule, rule_version = _t["rule"], _t["rule_version"]
edition, node = _t["syllabus_edition"], _t["syllabus_node"]
question, question_version = _t["question"], _t["question_version"]
course, course_version, part = _t["course"], _t["course_version"], _t["course_part"]
lesson, lesson_version = _t["lesson"], _t["lesson_version"]
enrollment, lesson_progress = _t["enrollment"], _t["lesson_progress"]
paper, paper_version = _t["paper"], _t["paper_version"]
attempt, response = _t["attempt"], _t["response"]
drill_answer, review_card = _t["drill_answer"], _t["review_card"]
goal, progress = _t["goal"], _t["progress"]
required_list, list_version = _t["required_list"], _t["required_list_version"]
assignment = _t["assignment"]
program, program_version, member = _t["program"], _t["program_version"], _t["program_member"]
credential, event = _t["credential"], _t["credential_event"]
consent = _t["consent"]
text, text_version = _t["privacy_text"], _t["privacy_text_version"]
