"""What every verb of the trail means, for people. One line for each: add yours where you add a verb.

A test reads all of ``lms/`` and fails if a verb has no words here.
"""

from collections.abc import Mapping

from lms.kernel.errors import N_

FAMILIES: Mapping[str, str] = {
    "accounts": N_("账号和登录"),
    "audit": N_("审计"),
    "courses": N_("课程"),
    "credentials": N_("证书"),
    "demo": N_("演示数据"),
    "exams": N_("考试"),
    "jobs": N_("后台任务"),
    "organizations": N_("单位"),
    "people": N_("人员和角色"),
    "privacy": N_("个人信息保护"),
    "programs": N_("人才项目"),
    "question_bank": N_("题库"),
    "regulations": N_("规则"),
    "required_lists": N_("必学清单"),
    "syllabus": N_("考试大纲"),
}
"""The first part of a verb: which room of the program did it."""

VERBS: Mapping[str, str] = {
    "audit.trail_exported": N_("导出审计日志"),
    "courses.course_completed": N_("学完课程"),
    "courses.course_published": N_("发布课程"),
    "courses.course_restored": N_("恢复课程"),
    "courses.course_retired": N_("停用课程"),
    "courses.learner_enrolled": N_("开始学一门课"),
    "courses.lesson_published": N_("发布课文"),
    "credentials.checked": N_("核验证书"),
    "credentials.issued": N_("颁发证书"),
    "credentials.reinstated": N_("恢复证书"),
    "credentials.revoked": N_("撤销证书"),
    "credentials.suspended": N_("暂停证书"),
    "demo.built": N_("生成演示数据"),
    "exams.attempt_expired": N_("考试超时，自动交卷"),
    "exams.attempt_started": N_("开始考试"),
    "exams.attempt_submitted": N_("交卷"),
    "exams.paper_published": N_("发布试卷"),
    "exams.paper_restored": N_("恢复试卷"),
    "exams.paper_retired": N_("停用试卷"),
    "organizations.organization_added": N_("新增单位"),
    "organizations.tree_added": N_("批量新增单位"),
    "people.password_set": N_("设置密码"),
    "people.person_added": N_("新增人员"),
    "people.role_granted": N_("授予角色"),
    "people.sessions_ended": N_("在所有设备上退出"),
    "people.sign_in_failed": N_("登录失败"),
    "people.signed_in": N_("登录"),
    "privacy.account_closed": N_("注销账号"),
    "privacy.closing_asked": N_("申请注销账号"),
    "privacy.closing_taken_back": N_("撤回注销申请"),
    "privacy.consent_acknowledged": N_("已阅读告知书"),
    "privacy.consent_given": N_("同意"),
    "privacy.consent_refused": N_("不同意"),
    "privacy.consent_withdrawn": N_("撤回同意"),
    "privacy.correction_answered": N_("答复更正申请"),
    "privacy.correction_asked": N_("申请更正信息"),
    "privacy.correction_revealed": N_("查看更正申请的完整内容"),
    "privacy.corrections_erased": N_("到期删除更正申请的内容"),
    "privacy.data_exported": N_("下载自己的全部信息"),
    "privacy.files_erased": N_("到期删除导入文件和结果文件"),
    "privacy.retention_changed": N_("修改保存期限"),
    "privacy.text_published": N_("发布告知书"),
    "privacy.text_restored": N_("恢复告知书"),
    "privacy.text_retired": N_("停用告知书"),
    "programs.program_joined": N_("参加人才项目"),
    "programs.program_left": N_("退出人才项目"),
    "programs.program_published": N_("发布人才项目"),
    "programs.program_restored": N_("恢复人才项目"),
    "programs.program_retired": N_("停用人才项目"),
    "question_bank.question_published": N_("发布试题"),
    "question_bank.question_restored": N_("恢复试题"),
    "question_bank.question_retired": N_("停用试题"),
    "regulations.rule_published": N_("发布规则"),
    "required_lists.list_assigned": N_("分配必学清单"),
    "required_lists.list_published": N_("发布必学清单"),
    "required_lists.list_restored": N_("恢复必学清单"),
    "required_lists.list_retired": N_("停用必学清单"),
    "required_lists.list_withdrawn": N_("收回必学清单"),
    "syllabus.edition_published": N_("发布考试大纲"),
}
"""Every verb that the program writes, and what it says to people."""

LOOKING: frozenset[str] = frozenset(
    {
        "credentials.checked",
        "people.exported",
        "people.revealed",
        "privacy.correction_revealed",
    }
)
"""Verbs by which somebody saw another's data: their owner may read these lines."""


def words_for(verb: str) -> str:
    """Return the Chinese words for a verb, a message id; the verb itself if it has none."""
    return VERBS.get(verb, verb)
