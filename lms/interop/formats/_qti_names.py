"""QTI 3.0 says what QTI 2.2 says, under other names: one table turns one into the other.

``simpleChoice responseIdentifier`` is ``qti-simple-choice response-identifier``; the elements of
HTML keep their names.
"""

import re
from dataclasses import dataclass
from functools import cache

from lxml import etree

from lms.interop.formats._xml import Element

ELEMENTS = frozenset(
    [
        "assessmentItem",
        "responseDeclaration",
        "correctResponse",
        "value",
        "mapping",
        "mapEntry",
        "outcomeDeclaration",
        "defaultValue",
        "itemBody",
        "prompt",
        "choiceInteraction",
        "simpleChoice",
        "textEntryInteraction",
        "inlineChoiceInteraction",
        "inlineChoice",
        "matchInteraction",
        "simpleMatchSet",
        "simpleAssociableChoice",
        "orderInteraction",
        "extendedTextInteraction",
        "modalFeedback",
        "rubricBlock",
        "responseProcessing",
        "responseCondition",
        "responseIf",
        "responseElseIf",
        "responseElse",
        "setOutcomeValue",
        "match",
        "variable",
        "correct",
        "baseValue",
        "mapResponse",
        "sum",
        "equal",
        "contentBody",
        "feedbackInline",
        "feedbackBlock",
        "associateInteraction",
        "gapMatchInteraction",
        "gapText",
        "gap",
        "hotspotInteraction",
        "hottextInteraction",
        "hottext",
        "sliderInteraction",
        "uploadInteraction",
        "mediaInteraction",
        "drawingInteraction",
        "graphicOrderInteraction",
        "graphicGapMatchInteraction",
        "graphicAssociateInteraction",
        "selectPointInteraction",
        "positionObjectInteraction",
        "customInteraction",
        "endAttemptInteraction",
        "portableCustomInteraction",
        "infoControl",
        "stylesheet",
        "templateDeclaration",
        "templateProcessing",
        "and",
        "or",
        "not",
        "gt",
        "gte",
        "lt",
        "lte",
        "isNull",
        "member",
        "multiple",
        "ordered",
        "contains",
        "stringMatch",
        "product",
        "subtract",
        "divide",
        "equalRounded",
        "patternMatch",
        "round",
        "truncate",
        "index",
        "random",
        "null",
        "exitResponse",
        "areaMapping",
        "areaMapEntry",
        "matchTable",
        "interpolationTable",
        "printedVariable",
        "templateBlock",
        "templateInline",
        "companionMaterialsInfo",
        "assessmentStimulusRef",
        "catalogInfo",
    ]
)
"""Elements of QTI itself; all others are of HTML."""
ATTRIBUTES = frozenset(
    [
        "responseIdentifier",
        "outcomeIdentifier",
        "baseType",
        "maxChoices",
        "minChoices",
        "maxAssociations",
        "minAssociations",
        "matchMax",
        "matchMin",
        "shuffle",
        "expectedLength",
        "expectedLines",
        "patternMask",
        "placeholderText",
        "mapKey",
        "mappedValue",
        "caseSensitive",
        "lowerBound",
        "upperBound",
        "defaultValue",
        "timeDependent",
        "showHide",
        "templateIdentifier",
        "toleranceMode",
        "fieldIdentifier",
        "adaptive",
        "toolName",
        "toolVersion",
        "normalMaximum",
        "normalMinimum",
    ]
)
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between the two versions besides names."""

    version: str
    namespace: str
    schema: str
    templates: str
    """Where the standard response processing is named."""
    manifest: str
    manifest_schema: str
    schema_version: str
    item_type: str
    kebab: bool


V22 = Dialect(
    version="2.2",
    namespace="http://www.imsglobal.org/xsd/imsqti_v2p2",
    schema="http://www.imsglobal.org/xsd/qti/qtiv2p2/imsqti_v2p2.xsd",
    templates="http://www.imsglobal.org/question/qti_v2p2/rptemplates/",
    manifest="http://www.imsglobal.org/xsd/imscp_v1p1",
    manifest_schema="http://www.imsglobal.org/xsd/qti/qtiv2p2/qtiv2p2_imscpv1p2_v1p0.xsd",
    schema_version="2.2",
    item_type="imsqti_item_xmlv2p2",
    kebab=False,
)
V30 = Dialect(
    version="3.0",
    namespace="http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
    schema="https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd",
    templates="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/",
    manifest="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
    manifest_schema="https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/"
    "imsqtiv3p0_imscpv1p2_v1p0.xsd",
    schema_version="3.0.0",
    item_type="imsqti_item_xmlv3p0",
    kebab=True,
)


def renamed(element: Element, dialect: Dialect) -> Element:
    """Return a tree written with the names of 2.2, in the names of a dialect."""
    if dialect.kebab:
        for holder in [*element.iter("{*}modalFeedback", "{*}rubricBlock")]:
            _wrap(holder, dialect)
        for one in element.iter():
            name = etree.QName(one).localname
            if name in ELEMENTS:
                one.tag = f"{{{dialect.namespace}}}{_kebab(name, prefix='qti-')}"
            for key in list(one.attrib):
                if key in ATTRIBUTES:
                    one.set(_kebab(key), one.attrib.pop(key))
    return element


def plain_names(element: Element) -> Element:
    """Return a tree of either version without namespaces, in the names of 2.2."""
    elements, attributes = _back()
    for one in element.iter():
        if not isinstance(one.tag, str):
            continue
        name = etree.QName(one).localname
        one.tag = "div" if name == "qti-content-body" else elements.get(name, name)
        for key in list(one.attrib):
            if key in attributes:
                one.set(attributes[key], one.attrib.pop(key))
    return element


def _wrap(holder: Element, dialect: Dialect) -> None:
    """What these hold stands in a ``qti-content-body`` in 3.0."""
    inner = [*holder]
    body = etree.SubElement(holder, f"{{{dialect.namespace}}}contentBody")
    for one in inner:
        body.append(one)


@cache
def _back() -> tuple[dict[str, str], dict[str, str]]:
    elements = {_kebab(name, prefix="qti-"): name for name in ELEMENTS}
    attributes = {_kebab(name): name for name in ATTRIBUTES if _kebab(name) != name}
    return elements, attributes


def _kebab(name: str, *, prefix: str = "") -> str:
    return prefix + _HUMP.sub(lambda found: f"-{found.group(1).lower()}", name)
