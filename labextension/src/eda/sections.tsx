/**
 * The three sections of the panel: dataframes of the kernel, sources, and reports.
 */
import { Time } from '@jupyterlab/coreutils';
import { runIcon, stopIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { useChanges } from '../base/hooks';
import type { IWorkbench } from './workbench';
import { CommandIDs } from './commands';
import { useScreen } from './hooks';
import { openIcon, sourceIcons, tableIcon, taskIcons } from './icons';
import type { IFrame } from './kernel';
import { pickFrame, pickRun, pickSource } from './picks';
import { Empty, Rows, Section, Skeleton, type IRow } from './rows';
import type { Run, Source } from './schemas';
import { SurroundingIDs } from './surroundings';
import { bytes, whole } from './view/format';
import { isActive, nameOf, sourceOf, titleOf } from './wanted';

/** The dataframes of the kernel that the person works with. */
export function Frames(): JSX.Element | null {
  const { bench } = useScreen();
  const { commands, frames, model, trans } = bench;
  useChanges(frames.changed);
  useChanges(model.changed);
  if (!commands.hasCommand(SurroundingIDs.profileFrame)) {
    return null;
  }
  const { state } = frames;
  const words = model.words.toLowerCase();
  const items = frames.items.filter(one => one.name.toLowerCase().includes(words));
  const title = frames.document
    ? trans.__('In %1', frames.document)
    : trans.__('In this notebook');
  return (
    <Section id="frames" title={title} count={state === 'ready' ? items.length : null}>
      {items.length > 0 ? (
        <Rows label={title} rows={items.map(one => frameRow(bench, one))} />
      ) : (
        <Empty text={nothing()} />
      )}
    </Section>
  );

  function nothing(): string {
    switch (state) {
      case 'none':
        return frames.document
          ? trans.__('It has no kernel. Start one to see its dataframes.')
          : trans.__('Open a notebook or console to see its dataframes.');
      case 'loading':
        return trans.__('Asking the kernel…');
      case 'unknown':
        return trans.__(
          'The kernel does not tell its dataframes: it is busy, is no Python, or has no jupyter-orrery installed.'
        );
      default:
        return words
          ? trans.__('No dataframe matches.')
          : trans.__('No dataframes yet. Run a cell that makes one.');
    }
  }
}

function frameRow({ commands, frames, trans }: IWorkbench, frame: IFrame): IRow {
  const { name, dialect, rows, columns } = frame;
  const args = { name };
  const open = (): void => void commands.execute(SurroundingIDs.profileFrame, args);
  const size = frame.bytes === null ? '' : bytes(frame.bytes);
  const shape =
    rows === null
      ? trans._n('%1 column', '%1 columns', columns)
      : trans.__('%1 × %2', whole(rows), whole(columns));
  return {
    pick: pickFrame(frame),
    icon: tableIcon,
    meta: frames.isLeaving(name) ? trans.__('Handing over…') : shape,
    extra: [dialect, size].filter(Boolean).join(' · '),
    title: [name, dialect, shape, size].filter(Boolean).join('\n'),
    actions: [{ icon: runIcon, label: trans.__('Profile %1', name), run: open }],
    onOpen: open
  };
}

/** What was profiled before, and what could be. */
export function Sources(): JSX.Element {
  const { bench } = useScreen();
  const { commands, model, trans } = bench;
  useChanges(model.changed);
  const { sources, state } = model;
  const title = trans.__('Sources');
  return (
    <Section
      id="sources"
      title={title}
      count={asked(sources, state) ? model.sourcesTotal : null}
    >
      {sources.length > 0 && (
        <Rows label={title} rows={sources.map(one => sourceRow(bench, one))} />
      )}
      {sources.length === 0 && !asked(sources, state) && (
        <Skeleton label={trans.__('Loading')} />
      )}
      {sources.length === 0 && asked(sources, state) && (
        <Empty
          text={
            model.words
              ? trans.__('No source matches.')
              : trans.__('Put a CSV or Parquet file into your folder or the lake, or')
          }
          action={model.words ? undefined : commands.label(CommandIDs.new)}
          onAction={() => void commands.execute(CommandIDs.new)}
        />
      )}
      <More more={model.hasMoreSources} />
    </Section>
  );
}

function sourceRow(bench: IWorkbench, source: Source): IRow {
  const { commands, trans } = bench;
  const name = nameOf(source);
  const begin = (): void =>
    void commands.execute(CommandIDs.profile, { source: { ...sourceOf(source) } });
  const open = (): void => void commands.execute(CommandIDs.open, { id: source.run });
  const profile = { icon: runIcon, label: trans.__('Profile %1', name), run: begin };
  const last = {
    icon: openIcon,
    label: trans.__('Open the last report on %1', name),
    run: open
  };
  return {
    pick: pickSource(source),
    icon: sourceIcons[source.kind],
    meta: source.profiled ? ago(source.profiled) : trans.__('new'),
    extra: [whoOf(bench, source.by), source.size === null ? '' : bytes(source.size)]
      .filter(Boolean)
      .join(' · '),
    title: sourceTitle(source, trans),
    data: source.run ? { 'data-run': source.run } : {},
    actions: source.run ? [last, profile] : [profile],
    onOpen: source.run ? open : begin
  };
}

function sourceTitle(source: Source, trans: TranslationBundle): string {
  const { location, table, size, changed, profiled, by } = source;
  return [
    [location, table].filter(Boolean).join(' '),
    size === null ? '' : trans.__('Size: %1', bytes(size)),
    changed ? trans.__('Changed: %1', Time.format(changed)) : '',
    profiled ? trans.__('Profiled: %1 by %2', Time.format(profiled), by) : ''
  ]
    .filter(Boolean)
    .join('\n');
}

/** The history of runs. */
export function Reports(): JSX.Element {
  const { bench } = useScreen();
  const { model, trans } = bench;
  useChanges(model.changed);
  const { runs, state } = model;
  const title = trans.__('Reports');
  return (
    <Section
      id="reports"
      title={title}
      count={asked(runs, state) ? model.runsTotal : null}
    >
      {runs.length > 0 && (
        <Rows label={title} rows={runs.map(run => runRow(bench, run))} />
      )}
      {runs.length === 0 && !asked(runs, state) && (
        <Skeleton label={trans.__('Loading')} />
      )}
      {runs.length === 0 && asked(runs, state) && (
        <Empty
          text={
            model.words
              ? trans.__('No report matches.')
              : trans.__('Nothing was profiled yet: double-click a source.')
          }
        />
      )}
      <More more={model.hasMoreRuns} />
    </Section>
  );
}

function runRow(bench: IWorkbench, run: Run): IRow {
  const { commands, trans } = bench;
  const name = titleOf(run);
  const does = (command: string) => () =>
    void commands.execute(command, { id: run.id });
  const active = isActive(run);
  const shape =
    run.rows === null || run.columns === null
      ? ''
      : trans.__('%1 × %2', whole(run.rows), whole(run.columns));
  const cancel = {
    icon: stopIcon,
    label: trans.__('Cancel %1', name),
    run: does(CommandIDs.cancel)
  };
  const again = {
    icon: runIcon,
    label: trans.__('Run %1 again', name),
    run: does(CommandIDs.rerun)
  };
  return {
    pick: pickRun(run),
    icon: taskIcons[run.task],
    meta: active ? stateOf(run, trans) : ago(run.finished ?? run.created),
    extra: active
      ? shape
      : [whoOf(bench, run.by), stateOf(run, trans)].filter(Boolean).join(' · '),
    title: runTitle(run, shape, trans),
    progress: active ? run.progress : null,
    data: { 'data-id': run.id, 'data-run': run.id, 'data-state': run.state },
    actions: active ? [cancel] : [again],
    onOpen: does(CommandIDs.open),
    onDelete: does(CommandIDs.delete)
  };
}

/** How a run is, in a word or two. */
function stateOf(run: Run, trans: TranslationBundle): string {
  switch (run.state) {
    case 'queued':
      return run.waiting
        ? trans.__('%1 before it', whole(run.waiting))
        : trans.__('Queued');
    case 'running':
      return trans.__('%1%', Math.round(run.progress * 100));
    case 'failed':
      return trans.__('Failed');
    case 'cancelled':
      return trans.__('Cancelled');
    default:
      return outcome(run, trans);
  }
}

function outcome(run: Run, trans: TranslationBundle): string {
  switch (run.task) {
    case 'checks':
      return run.failing
        ? trans._n('%1 check failed', '%1 checks failed', run.failing)
        : trans.__('All checks passed');
    case 'report':
      return trans.__('Full report');
    default:
      return run.alerts
        ? trans._n('%1 alert', '%1 alerts', run.alerts)
        : trans.__('No alerts');
  }
}

function runTitle(run: Run, shape: string, trans: TranslationBundle): string {
  const kinds: Record<Run['task'], string> = {
    profile: trans.__('Profile'),
    comparison: trans.__('Comparison'),
    checks: trans.__('Checks'),
    report: trans.__('Full report')
  };
  const { error } = run;
  return [
    titleOf(run),
    [kinds[run.task], stateOf(run, trans)].join(' · '),
    shape,
    trans.__('Begun: %1 by %2', Time.format(run.created), run.by),
    run.bytes ? trans.__('Kept: %1', bytes(run.bytes)) : '',
    ...(error ? [error.message, error.reason, error.remedy] : [])
  ]
    .filter(Boolean)
    .join('\n');
}

function More({ more }: { more: boolean }): JSX.Element | null {
  const { model, trans } = useScreen().bench;
  return more ? (
    <button
      type="button"
      className="orrery-link orrery-mod-more"
      onClick={() => model.more()}
    >
      {trans.__('Show more')}
    </button>
  ) : null;
}

/** Whether what a list shows was asked for. */
function asked(items: readonly unknown[], state: string): boolean {
  return items.length > 0 || state === 'ready';
}

function ago(when: string): string {
  return Time.formatHuman(when, 'narrow');
}

/** Who, where there are several. */
function whoOf({ model }: IWorkbench, by: string): string {
  return model.people > 1 ? by : '';
}
