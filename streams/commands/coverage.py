"""`groundswell coverage`: which languages of a recording are understood, and which are only matched by letters."""

from pathlib import Path

import click


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), metavar="OUT",
              help="Write all figures here, for programs.")  # fmt: skip
def command(config: Path, files: tuple[Path, ...], json_file: Path | None) -> None:
    """Show how much of what was heard the model of CONFIG understands, by language and channel.

    FILES are recordings as for `groundswell backtest`. Every mention is counted, whether a monitor matches it or not,
    and below that what matched each monitor that compares texts. A text is

    \b
    compared by meaning   where the model covers its language and its threshold there is calibrated
    matched by letters    where not, or where the tokenizer shatters it: only near-copies are found
    without words         where it is links, handles, pictures or emoji alone

    Nothing is embedded for it, so it is fast: some thousand mentions a second.
    """
    from streams.backtest.bad_input import BadInput
    from streams.backtest.recordings import Mentions, opened
    from streams.backtest.writing import refuse_to_overwrite, write_whole
    from streams.coverage.printing import as_json, print_coverage
    from streams.coverage.run import coverage
    from streams.encoding.sentence_model import EncoderUnavailable, declared_languages
    from streams.progress import progress
    from streams.settings.loading import ConfigError, load

    try:
        settings = load(config)
        refuse_to_overwrite({"--json": json_file}, [config, *files])
        recording = opened(files)
        if not isinstance(recording, Mentions):
            raise click.UsageError(f"{files[0]} holds counts, which have no texts: give a recording of mentions")
        covered = declared_languages(settings.encoder)
        with progress("reading", recording.size) as advance:
            found = coverage(settings, recording, lambda lines: advance(recording.bytes_read))
        if found.malformed and found.malformed == found.lines:
            raise BadInput(files[0], None, f"none of {found.lines:,} lines holds a mention")
        if json_file is not None:
            write_whole(json_file, as_json(found, settings.encoder, covered).decode())
    except (ConfigError, EncoderUnavailable, BadInput, OSError) as error:
        raise click.ClickException(str(error)) from error
    print_coverage(found, settings.encoder, covered)
