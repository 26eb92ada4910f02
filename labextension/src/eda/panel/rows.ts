/**
 * What the rows of the panel show.
 */
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { runIcon, stopIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import { executeOwn } from '../../base/registry';
import type { IRow } from '../../base/panel/row';
import { CommandIDs } from '../commands';
import type { FramesModel } from '../frames';
import { openIcon, sourceIcons, tableIcon, taskIcons } from '../icons';
import { IntegrationIDs } from '../integrations';
import type { IFrame } from '../kernel';
import type { EdaModel } from '../model';
import type { Run, Source } from '../schemas';
import { isActive, nameOf, sourceArgument, titleOf } from '../source';
import { bytes, whole } from '../view/format';
import { taskNames } from '../view/labels';

interface IRowContext {
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** The row of a dataframe. */
export function frameRow(
  { commands, frames, trans }: IRowContext & { frames: FramesModel },
  frame: IFrame
): IRow {
  const { name, dialect, rows, columns } = frame;
  const size = frame.bytes === null ? '' : bytes(frame.bytes);
  const shape =
    rows === null
      ? trans._n('%1 column', '%1 columns', columns)
      : trans.__('%1 × %2', whole(rows), whole(columns));
  return {
    icon: tableIcon,
    name,
    facts: frames.isLeaving(name)
      ? [trans.__('Handing over…')]
      : [shape, dialect, size],
    title: lines(name, dialect, shape, size),
    data: { 'data-kind': 'frame' },
    actions: [
      {
        icon: runIcon,
        label: trans.__('Profile %1', name),
        run: () => void executeOwn(commands, IntegrationIDs.profileFrame, { name })
      }
    ]
  };
}

/** The row of a source. */
export function sourceRow(
  { commands, model, trans }: IRowContext & { model: EdaModel },
  source: Source
): IRow {
  const { kind, size, profiled, by, run: id } = source;
  const name = nameOf(source);
  const args = { source: sourceArgument(source) };
  const profile = {
    icon: runIcon,
    label: trans.__('Profile %1', name),
    run: () => void executeOwn(commands, CommandIDs.profile, args)
  };
  const open = {
    icon: openIcon,
    label: trans.__('Open the last report on %1', name),
    run: () => void executeOwn(commands, CommandIDs.open, { id })
  };
  return {
    icon: sourceIcons[kind],
    name,
    facts: [
      authorOf(model, by),
      size === null ? '' : bytes(size),
      profiled ? '' : trans.__('new')
    ],
    time: profiled ?? undefined,
    title: sourceTitle(source, trans),
    data: { 'data-kind': 'source', ...(id && { 'data-run': id }) },
    actions: id ? [open, profile] : [profile]
  };
}

function sourceTitle(source: Source, trans: TranslationBundle): string {
  const { location, table, size, changed, profiled, by } = source;
  return lines(
    [location, table].filter(Boolean).join(' '),
    size === null ? '' : trans.__('Size: %1', bytes(size)),
    changed ? trans.__('Changed: %1', Time.format(changed)) : '',
    profiled ? trans.__('Profiled: %1 by %2', Time.format(profiled), by) : ''
  );
}

/** The row of a run. */
export function runRow(
  { commands, model, trans }: IRowContext & { model: EdaModel },
  run: Run
): IRow {
  const { id, state, task } = run;
  const name = titleOf(run);
  const isRunning = isActive(run);
  const shape =
    run.rows === null || run.columns === null
      ? ''
      : trans.__('%1 × %2', whole(run.rows), whole(run.columns));
  const action = isRunning
    ? { icon: stopIcon, label: trans.__('Cancel %1', name), id: CommandIDs.cancel }
    : { icon: runIcon, label: trans.__('Run %1 again', name), id: CommandIDs.rerun };
  return {
    icon: taskIcons[task],
    name,
    facts: isRunning
      ? [stateText(run, trans), shape]
      : [authorOf(model, run.by), stateText(run, trans)],
    time: isRunning ? undefined : (run.finished ?? run.created),
    title: runTitle(run, shape, trans),
    progress: isRunning ? run.progress : null,
    data: {
      'data-kind': 'run',
      'data-id': id,
      'data-run': id,
      'data-state': state
    },
    actions: [{ ...action, run: () => void executeOwn(commands, action.id, { id }) }]
  };
}

/** How a run is, in a word or two. */
function stateText(run: Run, trans: TranslationBundle): string {
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
      return resultText(run, trans);
  }
}

function resultText(run: Run, trans: TranslationBundle): string {
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
  const { error } = run;
  return lines(
    titleOf(run),
    joined(taskNames(trans)[run.task], stateText(run, trans)),
    shape,
    trans.__('Started: %1 by %2', Time.format(run.created), run.by),
    run.bytes ? trans.__('Stored: %1', bytes(run.bytes)) : '',
    ...(error ? [error.message, error.reason, error.remedy] : [])
  );
}

/** Who, where there are several. */
function authorOf(model: EdaModel, by: string): string {
  return model.peopleCount > 1 ? by : '';
}

function joined(...facts: string[]): string {
  return facts.filter(Boolean).join(' · ');
}

function lines(...texts: string[]): string {
  return texts.filter(Boolean).join('\n');
}
