"""Reads C# with a real grammar, where there is no compiler for it, and prints what it finds as JSON.

Usage: syntax.py <folder with generated sources> <folder with the example>
"""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

import tree_sitter_c_sharp
from tree_sitter import Language, Parser

PARSER = Parser(Language(tree_sitter_c_sharp.language()))
TYPES = {"class_declaration": "class", "interface_declaration": "interface", "enum_declaration": "enum"}
MEMBERS = {
    "property_declaration": "property",
    "method_declaration": "method",
    "constructor_declaration": "constructor",
    "enum_member_declaration": "value",
}


def text(node):
    return node.text.decode("utf-8")


def below(node, *types):
    for child in node.children:
        if child.type in types:
            yield child
        yield from below(child, *types)


def mistakes(file, node):
    found = [node] if node.is_error or node.is_missing else []
    for child in node.children:
        if child.has_error or child.is_missing:
            found += mistakes(file, child)
    return found


def parsed(file):
    tree = PARSER.parse(file.read_bytes())
    wrong = [f"{file.name}:{node.start_point[0] + 1}: {text(node)[:80]}" for node in mistakes(file, tree.root_node)]
    return tree.root_node, wrong


def has_summary(node):
    comment = ""
    before = node.prev_sibling
    while before is not None and before.type == "comment":
        comment = text(before) + comment
        before = before.prev_sibling
    return "<summary>" in comment


def attribute(node, name, argument):
    for attributes in (child for child in node.children if child.type == "attribute_list"):
        found = re.search(rf"\b{name}\(.*?\b{argument}: \"([^\"]+)\"", text(attributes), re.DOTALL)
        if found:
            return found.group(1)
    return None


def member(node):
    return {
        "kind": MEMBERS[node.type],
        "name": text(node.child_by_field_name("name")),
        "jsii": attribute(node, "Jsii(?:Property|Method|EnumMember)", "name"),
        "summary": has_summary(node),
    }


def types(file, root):
    for namespace in below(root, "namespace_declaration"):
        # What is nested is for the runtime alone.
        for kind in (child for child in namespace.child_by_field_name("body").children if child.type in TYPES):
            body = kind.child_by_field_name("body")
            yield {
                "file": file.name,
                "namespace": text(namespace.child_by_field_name("name")),
                "kind": TYPES[kind.type],
                "name": text(kind.child_by_field_name("name")),
                "fqn": attribute(kind, "Jsii(?:Class|Interface|Enum|ByValue|TypeProxy)", "(?:fullyQualifiedName|fqn)"),
                "attributes": " ".join(text(child) for child in kind.children if child.type == "attribute_list"),
                "summary": has_summary(kind),
                "members": [member(child) for child in body.children if child.type in MEMBERS],
            }


def uses(root):
    """Types that are made, the properties that are set on them, and members that are taken of something."""
    for creation in below(root, "object_creation_expression"):
        initializer = creation.child_by_field_name("initializer")
        assigned = [] if initializer is None else [c for c in initializer.children if c.type == "assignment_expression"]
        yield {
            "type": text(creation.child_by_field_name("type")),
            "members": [text(assignment.child_by_field_name("left")) for assignment in assigned],
        }
    for access in below(root, "member_access_expression"):
        yield {"type": text(access.child_by_field_name("expression")), "members": [text(access.child_by_field_name("name"))]}


def project(file):
    root = ElementTree.parse(file).getroot()
    return {
        "packageId": root.findtext(".//PackageId"),
        "version": root.findtext(".//PackageVersion"),
        "references": {entry.get("Include"): entry.get("Version") for entry in root.iter("PackageReference")},
        "resources": [entry.get("Include") for entry in root.iter("EmbeddedResource")],
    }


def main(generated, example):
    result = {"mistakes": [], "types": [], "uses": [], "usings": [], "declared": [], "projects": []}
    for file in sorted(pathlib.Path(generated).rglob("*.cs")):
        root, wrong = parsed(file)
        result["mistakes"] += wrong
        result["types"] += types(file, root)
    for file in sorted(pathlib.Path(example).rglob("*.cs")):
        root, wrong = parsed(file)
        result["mistakes"] += wrong
        result["uses"] += uses(root)
        result["declared"] += [text(kind.child_by_field_name("name")) for kind in below(root, *TYPES)]
        result["usings"] += [text(using)[len("using "):-1] for using in below(root, "using_directive")]
    for folder in (generated, example):
        result["projects"] += [project(file) for file in sorted(pathlib.Path(folder).rglob("*.csproj"))]
    json.dump(result, sys.stdout)


main(*sys.argv[1:])
