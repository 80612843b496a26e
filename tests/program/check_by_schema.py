"""check_by_schema.py SCHEMA SPEC...: what JSON Schema says of specs, by python3-jsonschema.

Prints a line a spec: "SPEC: valid", or what is wrong with it. Specs are read as YAML 1.2, as editors
read them: 1e-3 is a number and `yes` a text.
"""

import json
import sys

import jsonschema
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError


class Constructor(SafeConstructor):
    """Dates are text in YAML 1.2."""


Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def as_json(node):
    """The keys of JSON are text."""
    if isinstance(node, dict):
        return {str(key): as_json(value) for key, value in node.items()}
    return [as_json(item) for item in node] if isinstance(node, list) else node


def verdict(validator, path):
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = Constructor
    try:
        with open(path, encoding="utf-8") as file:
            spec = as_json(yaml.load(file))
    except YAMLError as error:
        return f"not YAML: {' '.join(str(error).split())}"
    error = jsonschema.exceptions.best_match(validator.iter_errors(spec))
    return "valid" if error is None else f"{error.json_path}: {error.message}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    for path in sys.argv[2:]:
        print(f"{path}: {verdict(validator, path)}")


main()
