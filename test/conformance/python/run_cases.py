"""Runs the cases named on standard input, one a line (`module.Class.test_name`), and answers each by a line of JSON."""

import json
import sys
import unittest


def run(name):
    suite = unittest.defaultTestLoader.loadTestsFromName(name)
    result = unittest.TestResult()
    suite.run(result)
    failures = [trace for _, trace in result.errors + result.failures]
    return {"name": name, "run": result.testsRun, "failures": failures}


for line in sys.stdin:
    print(json.dumps(run(line.strip())), flush=True)
