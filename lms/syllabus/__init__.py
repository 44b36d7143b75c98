"""The examination outline (考试大纲): editions, subjects, chapters, sections, knowledge points.

Words: an *edition* is one published outline ("2025"); a *node* is a subject, chapter, section or
point of it, with a key that is its path: ``2025/J-COMP/06/2/1``. Master copy:
``question_bank/syllabus/<edition>.toml``, certainty of every node kept.
"""
