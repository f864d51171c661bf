"""The command line: arguments only; each command is a short function elsewhere."""

from __future__ import annotations

import argparse
import gc
import os
import sys

from chatkit_validate import __version__
from chatkit_validate.ahead import ask
from chatkit_validate.report.exit_code import ExitCode
from chatkit_validate.report.formats import FORMATS

TYPE_CHECKING = False  # typing itself would cost every command its import
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Final

    from chatkit_validate.configuration import Configuration
    from chatkit_validate.report.report import Report
    from chatkit_validate.source import Begun

_EXAMPLES = """\
examples:
  chatkit-validate check                      the project in this folder
  chatkit-validate check --all path/to/repo   with every verdict, passes too
  chatkit-validate check --format json . > report.json
  chatkit-validate explain CK105

exit codes: 0 clean, 1 failures, 2 usage, 3 internal error, 4 incomplete"""


_MANY_OBJECTS: Final = 500_000


def main(arguments: list[str] | None = None) -> int:
    """Runs the command that `arguments` (default: the process's) name; answers the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parser(given[0] if given else "").parse_args(given)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        _complain("interrupted")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.CLEAN
    except Exception as error:  # no traceback reaches a user
        from chatkit_validate.configuration import UsageError

        if isinstance(error, UsageError):
            _complain(str(error))
            return ExitCode.USAGE
        if os.environ.get("CHATKIT_VALIDATE_TRACEBACK"):
            raise
        _complain(
            f"internal error: {type(error).__name__}: {error}\n"
            "This is a defect of chatkit-validate; CHATKIT_VALIDATE_TRACEBACK=1 shows where."
        )
        return ExitCode.INTERNAL


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """All commands and their options, or only `command` where there is one of that name; nothing is run."""
    parser = argparse.ArgumentParser(
        prog="chatkit-validate",
        description="Proves that a FastAPI app integrates OpenAI's ChatKit rightly.",
        epilog=_EXAMPLES,
        formatter_class=_formatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    # Without `prog` argparse works out the usage line here and now, which takes longer than all the rest.
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", prog=parser.prog)
    known = {
        "check": _add_check,
        "explain": _add_explain,
        "rules": _add_rules,
        "bundle": _add_bundle,
        "install": _add_install,
        "probe": _add_probe,
        "store": _add_store,
        "all": _add_all,
    }
    for name, add in known.items():
        if command == name or command not in known:
            add(commands)
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Of one width: argparse asks for the terminal's with every option, and loads five modules to do so."""
    return argparse.RawDescriptionHelpFormatter(prog, width=100)


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser(
        "check", help="read a repository's code and decide the rules", formatter_class=_formatter
    )
    check.add_argument("path", nargs="?", default=".", help="a folder (default: this one)")
    check.add_argument("--select", metavar="CODES", help="only these rules: codes or prefixes, by comma")
    check.add_argument("--ignore", metavar="CODES", help="not these rules")
    _add_report(check)
    check.add_argument(
        "--baseline", metavar="FILE", help="failures that FILE names no longer count; stale entries fail"
    )
    changed = check.add_mutually_exclusive_group()
    changed.add_argument("--update-baseline", action="store_true", help="write all of today's failures to it")
    changed.add_argument("--prune-baseline", action="store_true", help="take out of it what no longer fails")
    check.add_argument("--fix", action="store_true", help="mend what can be mended safely")
    check.add_argument("--unsafe", action="store_true", help="with --fix: also where other behaviour may change")
    check.add_argument("--diff", action="store_true", help="print what --fix would do, and change nothing")
    check.set_defaults(run=_check)


def _add_explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    explain = commands.add_parser("explain", help="what a rule demands, and why")
    explain.add_argument("codes", nargs="*", metavar="CODE")
    explain.add_argument("--all", action="store_true", help="every rule")
    explain.add_argument("--format", choices=("text", "json"), default="text")
    explain.set_defaults(run=_explain)


def _add_rules(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rules = commands.add_parser("rules", help="list the rules")
    rules.add_argument("--format", choices=("text", "json"), default="text")
    rules.set_defaults(run=_rules)


def _add_bundle(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    bundle = commands.add_parser("bundle", help="check agents, skills and manifests of a Claude Code bundle")
    bundle.add_argument(
        "path", nargs="?", default=".", help="a plugin, a .claude folder or a project (default: this one)"
    )
    bundle.add_argument("--self-test", action="store_true", help="break a small bundle in every known way instead")
    _add_report(bundle)
    bundle.set_defaults(run=_bundle)


def _add_probe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from chatkit_validate.live import arguments

    probe = arguments.add(commands)
    _add_report(probe)
    probe.set_defaults(run=_probe)


def _add_store(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from chatkit_validate.contract import arguments

    store = arguments.add(commands)
    _add_report(store)
    store.set_defaults(run=_store)


def _add_all(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    every = commands.add_parser("all", help="check, probe and store together, and one table of rules by validators")
    every.add_argument("path", nargs="?", default=".", help="a folder (default: this one)")
    every.add_argument("--app", metavar="APP", help="probe this module:app, or the endpoint at this URL")
    every.add_argument("--store", metavar="MODULE:FACTORY", help="put this store through the contract")
    every.add_argument("--probe-options", default="", metavar="TEXT", help="more for probe, in one argument")
    every.add_argument("--store-options", default="", metavar="TEXT", help="more for store, in one argument")
    _add_report(every)
    every.set_defaults(run=_all)


def _add_report(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=FORMATS, default="text")
    command.add_argument("--output", metavar="FILE", help="write the report there instead of to standard output")
    command.add_argument("--also", action="append", default=[], metavar="FORMAT=FILE", help="write it there too")
    command.add_argument("--all", action="store_true", help="list every verdict, passes too (text)")
    command.add_argument("--level", choices=("error", "warning"), help="lowest level that fails (default: warning)")
    command.add_argument("--strict", action="store_true", help="unknown verdicts and unused suppressions fail too")
    command.add_argument("--color", choices=("auto", "always", "never"), default="auto")


def _add_install(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    install = commands.add_parser("install", help="put the ChatKit agent, its skills and hooks into a project")
    where = install.add_mutually_exclusive_group()
    where.add_argument("--project", metavar="DIR", help="the project's folder (default: this one)")
    where.add_argument("--user", action="store_true", help="for all projects of this user instead")
    install.add_argument("--agents", action="store_true", help="the skills into .agents/skills too, for other agents")
    install.add_argument("--uninstall", action="store_true", help="take everything out again")
    install.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    install.add_argument("--force", action="store_true", help="replace files that are in the way; they are kept aside")
    install.set_defaults(run=_install)


def _check(options: argparse.Namespace) -> int:
    begun = _begun(options.path)
    # Trees of syntax are many objects in no circle: looking through all of them again and again finds nothing.
    gc.set_threshold(_MANY_OBJECTS)
    from chatkit_validate import configuration as configure
    from chatkit_validate.check import check
    from chatkit_validate.record import replace
    from chatkit_validate.report.exit_code import exit_code
    from chatkit_validate.report.progress import Progress
    from chatkit_validate.telling import configured, tell, write_bytes

    root = _folder(options.path)
    configuration, problems = configure.load(root)
    if options.select:
        configuration = replace(
            configuration, select=configure.check_codes(options.select.split(","), source="--select")
        )
    if options.ignore:
        ignored = configure.check_codes(options.ignore.split(","), source="--ignore")
        configuration = replace(configuration, ignore=(*configuration.ignore, *((code, "") for code in ignored)))
    change = _baseline(options)
    with Progress(sys.stderr) as progress:
        if not (options.fix or options.diff or options.unsafe):
            report = check(root, configuration, problems=problems, begun=begun, progress=progress.say, fixes=True)
            return tell(change(report, configuration), root, configuration, options)
        from chatkit_validate import fixing

        if not (options.fix or options.diff):
            raise configure.UsageError("--unsafe says how far --fix or --diff goes: name one of them")
        fixed = fixing.fix(
            root, configuration, unsafe=options.unsafe, problems=problems, begun=begun, progress=progress.say
        )
    changed = fixing.contents(root, fixed)
    if options.diff:
        write_bytes(fixing.diff(changed))
        _complain(fixing.summary(fixed, done=False))
        return exit_code(change(fixed.before, configuration), configured(configuration, options))
    fixing.save(root, changed)
    return tell(change(fixing.noted(fixed), configuration), root, configuration, options)


def _begun(path: str) -> Begun | None:
    """What works beside this process while that imports all the rest: git, or else a process that walks the tree."""
    if asked := ask(path):
        return asked
    from chatkit_validate.source.beside import begin

    return begin(path)


def _baseline(options: argparse.Namespace) -> Callable[[Report, Configuration], Report]:
    """What `--baseline` and its companions do to a report."""
    from chatkit_validate.configuration import UsageError

    if not options.baseline:
        if options.update_baseline or options.prune_baseline:
            raise UsageError("name the file: --baseline FILE")
        return lambda report, _: report
    from pathlib import Path

    from chatkit_validate import baseline

    change = (
        baseline.update if options.update_baseline else baseline.prune if options.prune_baseline else baseline.apply
    )
    return lambda report, configuration: change(report, Path(options.baseline), configuration.codes())


def _store(options: argparse.Namespace) -> int:
    from chatkit_validate import configuration as configure
    from chatkit_validate.contract import arguments, command
    from chatkit_validate.report.progress import Progress
    from chatkit_validate.telling import tell, write

    if options.list:
        write(command.listing(), None)
        return ExitCode.CLEAN
    if not options.target:
        raise configure.UsageError("store: name a factory, e.g. chatkit-validate store app.store:make_store")
    root = _folder(options.path)
    configuration, _ = configure.load(root)
    order = arguments.order(options, options.target, options.path)
    with Progress(sys.stderr) as progress:
        ignored = tuple(code for code, _ in configuration.ignore)
        report = command.run(order, only=options.only, seconds=options.timeout, ignored=ignored, progress=progress.say)
    return tell(report, root, configuration, options)


def _all(options: argparse.Namespace) -> int:
    from chatkit_validate import configuration as configure
    from chatkit_validate import every
    from chatkit_validate.report.progress import Progress
    from chatkit_validate.telling import tell

    root = _folder(options.path)
    configuration, problems = configure.load(root)
    with Progress(sys.stderr) as progress:
        asked = every.Asked(
            root, options.app, options.store, options.probe_options, options.store_options, configuration, problems
        )
        report = every.run(asked, progress=progress.say)
    return tell(report, root, configuration, options, rows=True)


def _probe(options: argparse.Namespace) -> int:
    from chatkit_validate.configuration import UsageError
    from chatkit_validate.live.arguments import agreed, missing_packages

    if missing := missing_packages():
        raise UsageError(missing)
    from chatkit_validate import configuration as configure
    from chatkit_validate.live import command
    from chatkit_validate.live.reproducer import write_tests
    from chatkit_validate.report.progress import Progress
    from chatkit_validate.telling import tell, write

    if options.list:
        write(command.listing(), None)
        return ExitCode.CLEAN
    root = _folder(options.app_dir)
    configuration, _ = configure.load(root)
    request = command.read_request(options, configuration.probe)
    if not agreed(command.announcement(request), yes=options.yes):
        raise UsageError("probe: not agreed, so nothing was sent")
    with Progress(sys.stderr) as progress:
        report = command.run(request, progress=progress.say)
    code = tell(report, root, configuration, options)
    if options.reproducers:
        from pathlib import Path

        write_tests(report.targets[0], Path(options.reproducers))
    return code


def _explain(options: argparse.Namespace) -> int:
    from chatkit_validate.configuration import UsageError, check_codes
    from chatkit_validate.explain import explain
    from chatkit_validate.rules import registry
    from chatkit_validate.telling import write

    if not options.codes and not options.all:
        raise UsageError("explain: name a rule, e.g. CK105, or use --all")
    wanted = check_codes(options.codes, source="explain")
    codes = None if options.all else [code for code in registry.codes() if code.startswith(wanted)]
    write(explain(codes, as_json=options.format == "json"), None)
    return ExitCode.CLEAN


def _rules(options: argparse.Namespace) -> int:
    from chatkit_validate.explain import rules
    from chatkit_validate.telling import write

    write(rules(as_json=options.format == "json"), None)
    return ExitCode.CLEAN


def _bundle(options: argparse.Namespace) -> int:
    from chatkit_validate.bundle import self_test
    from chatkit_validate.bundle.judging import judge
    from chatkit_validate.configuration import Configuration
    from chatkit_validate.telling import tell, write

    if options.self_test:
        lines, passed = self_test.run()
        write("\n".join(lines) + "\n", options.output)
        return ExitCode.CLEAN if passed else ExitCode.FAILURES
    root = _folder(options.path)
    return tell(judge(root, options.path), root, Configuration(), options)


def _install(options: argparse.Namespace) -> int:
    from chatkit_validate.install.installing import install, targets, uninstall
    from chatkit_validate.telling import write

    for target in targets(options.project, user=options.user, agents=options.agents or options.uninstall):
        if options.uninstall:
            lines = uninstall(target, dry_run=options.dry_run)
        else:
            lines = install(target, dry_run=options.dry_run, force=options.force)
        write("".join(f"{line}\n" for line in lines), None)
    return ExitCode.CLEAN


def _folder(path: str) -> Path:
    from pathlib import Path

    from chatkit_validate.configuration import UsageError

    folder = Path(path)
    if not folder.exists():
        raise UsageError(f"there is no folder {path}")
    if not folder.is_dir():
        raise UsageError(f"{path} is no folder; name the repository that holds it")
    return folder


def _complain(text: str) -> None:
    sys.stderr.write(f"chatkit-validate: {text}\n")
