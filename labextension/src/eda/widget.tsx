/**
 * The panel of profiles: the dataframes of the notebook, sources, and reports.
 */
import { Time } from '@jupyterlab/coreutils';
import {
  caretDownIcon,
  caretRightIcon,
  closeIcon,
  deleteIcon,
  ellipsesIcon,
  MenuSvg,
  ReactWidget,
  refreshIcon,
  runIcon,
  searchIcon,
  stopIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React, { createContext, createRef, useContext, useId, useState } from 'react';

import { sentence } from '../base/notify';
import type { IBench } from './bench';
import { CommandIDs, type ISelection } from './commands';
import { IconButton, useChanges } from './controls';
import { edaIcon, tableIcon } from './icons';
import type { IFrame } from './kernel';
import type { Run, Source } from './schemas';
import { isActive, nameOf, titleOf } from './wanted';

interface IPanel {
  bench: IBench;
  screens: ISelection;
}

const PanelContext = createContext<IPanel | null>(null);

function usePanel(): IPanel {
  return useContext(PanelContext)!;
}

/** The content of the panel. */
export class EdaPanel extends ReactWidget {
  constructor(bench: IBench, screens: ISelection) {
    super();
    this._panel = { bench, screens };
    this.addClass('orrery-eda');
  }

  protected override render(): React.JSX.Element {
    return (
      <PanelContext.Provider value={this._panel}>
        <Toolbar search={this._search} />
        <div className="orrery-eda-body">
          <Frames />
          <Sources />
          <Reports />
        </div>
        <Footer />
      </PanelContext.Provider>
    );
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._watch(this.isVisible);
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._watch(true);
  }

  protected override onBeforeHide(message: Message): void {
    super.onBeforeHide(message);
    this._watch(false);
  }

  protected override onActivateRequest(): void {
    this._search.current?.focus();
  }

  private _watch(on: boolean): void {
    const { frames, model } = this._panel.bench;
    if (on) {
      void model.refresh();
      void frames.refresh();
    }
  }

  private readonly _panel: IPanel;
  private readonly _search = createRef<HTMLInputElement>();
}

function Toolbar({ search }: { search: React.Ref<HTMLInputElement> }): JSX.Element {
  const { bench } = usePanel();
  const { commands, model, trans } = bench;
  useChanges(model.changed);
  const label = trans.__('Search in sources and reports');
  return (
    <div
      className="orrery-eda-toolbar"
      role="toolbar"
      aria-label={trans.__('Profiles')}
    >
      <div className="orrery-eda-search">
        <searchIcon.react tag="span" className="orrery-eda-search-icon" />
        <input
          ref={search}
          type="text"
          role="searchbox"
          spellCheck={false}
          placeholder={trans.__('Search')}
          aria-label={label}
          title={label}
          value={model.words}
          onChange={event => model.search(event.currentTarget.value)}
          onKeyDown={event => {
            if (event.key === 'Escape' && model.words) {
              event.preventDefault();
              model.search('');
            }
          }}
        />
        {model.words && (
          <IconButton
            icon={closeIcon}
            label={trans.__('Clear search')}
            onClick={() => model.search('')}
          />
        )}
      </div>
      <IconButton
        icon={edaIcon}
        label={commands.label(CommandIDs.profileWith, {})}
        onClick={() => void commands.execute(CommandIDs.profileWith)}
      />
      <IconButton
        icon={refreshIcon}
        label={commands.label(CommandIDs.refresh)}
        onClick={() => void commands.execute(CommandIDs.refresh)}
      />
    </div>
  );
}

function Section(props: {
  title: string;
  count: number | null;
  children: React.ReactNode;
}): JSX.Element {
  const [open, setOpen] = useState(true);
  const id = useId();
  const Caret = open ? caretDownIcon : caretRightIcon;
  return (
    <section className="orrery-eda-section">
      <h3>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          <Caret.react tag="span" />
          <span>{props.title}</span>
          {props.count !== null && (
            <span className="orrery-eda-count">{props.count.toLocaleString()}</span>
          )}
        </button>
      </h3>
      <div id={id} hidden={!open}>
        {open && props.children}
      </div>
    </section>
  );
}

interface IRowProps {
  icon: LabIcon;
  name: string;
  meta: string;
  title: string;
  selected?: boolean;
  data?: Record<string, string>;
  busy?: number | null;
  actions: React.ReactNode;
  onOpen: () => void;
  onSelect?: (event: React.MouseEvent | React.KeyboardEvent) => void;
  onKey?: (key: string) => boolean;
  onMenu?: (event: React.MouseEvent) => void;
}

function Row(props: IRowProps): JSX.Element {
  const { icon: Icon } = props;
  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>): void => {
    if (event.target !== event.currentTarget) {
      return;
    }
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      event.preventDefault();
      focusBeside(event.currentTarget, move);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      props.onOpen();
    } else if (event.key === ' ') {
      event.preventDefault();
      props.onSelect?.(event);
    } else if (props.onKey?.(event.key)) {
      event.preventDefault();
    }
  };
  return (
    <li
      className={`orrery-eda-row${props.selected ? ' jp-mod-selected' : ''}`}
      {...props.data}
    >
      <div
        className="orrery-eda-line"
        role="button"
        tabIndex={0}
        title={props.title}
        aria-pressed={props.onSelect ? Boolean(props.selected) : undefined}
        onClick={props.onSelect ?? props.onOpen}
        onDoubleClick={props.onSelect ? props.onOpen : undefined}
        onContextMenu={props.onMenu}
        onKeyDown={onKeyDown}
      >
        <Icon.react tag="span" className="orrery-eda-icon" />
        <span className="orrery-eda-name">{props.name}</span>
        <span className="orrery-eda-meta">{props.meta}</span>
      </div>
      <span className="orrery-eda-actions">{props.actions}</span>
      {props.busy !== undefined && props.busy !== null && (
        <progress
          className="orrery-eda-progress"
          max={1}
          value={props.busy}
          aria-label={props.name}
        />
      )}
    </li>
  );
}

/** Go to the row above or below, over the borders of sections. */
function focusBeside(line: HTMLElement, move: number): void {
  const all = [
    ...(line
      .closest('.orrery-eda-body')
      ?.querySelectorAll<HTMLElement>('.orrery-eda-line') ?? [])
  ];
  all[all.indexOf(line) + move]?.focus();
}

function Frames(): JSX.Element {
  const { bench } = usePanel();
  const { commands, frames, trans } = bench;
  useChanges(frames.changed);
  const { items, state } = frames;
  const title = frames.document
    ? trans.__('In %1', frames.document)
    : trans.__('In this notebook');
  return (
    <Section title={title} count={state === 'ready' ? items.length : null}>
      {items.length === 0 && <p className="orrery-eda-empty">{nothing()}</p>}
      <ul aria-label={title}>
        {items.map(frame => (
          <Row
            key={frame.name}
            icon={tableIcon}
            name={frame.name}
            meta={shapeOf(frame)}
            title={trans.__('Profile %1, a dataframe of %2', frame.name, frame.dialect)}
            onOpen={() =>
              void commands.execute(CommandIDs.profileFrame, { name: frame.name })
            }
            actions={
              <IconButton
                icon={runIcon}
                label={trans.__('Profile %1', frame.name)}
                onClick={() =>
                  void commands.execute(CommandIDs.profileFrame, { name: frame.name })
                }
              />
            }
          />
        ))}
      </ul>
    </Section>
  );

  function nothing(): string {
    switch (state) {
      case 'none':
        return trans.__('Open a notebook with a kernel to see its dataframes.');
      case 'loading':
        return trans.__('Asking the kernel…');
      case 'unknown':
        return trans.__(
          'The kernel cannot be asked: it is busy, or has no Orrery installed.'
        );
      default:
        return trans.__('No dataframes yet. Run a cell that makes one.');
    }
  }

  function shapeOf({ rows, columns, dialect }: IFrame): string {
    const many = trans._n('%1 column', '%1 columns', columns);
    return rows === null
      ? trans.__('%1 · %2', dialect, many)
      : trans.__('%1 × %2', rows.toLocaleString(), columns.toLocaleString());
  }
}

function Sources(): JSX.Element {
  const { bench } = usePanel();
  const { commands, model, trans } = bench;
  useChanges(model.changed);
  const begin = (source: Source, id: string = CommandIDs.profile): void => {
    const { kind, location, table, sheet, name } = source;
    void commands.execute(id, { source: { kind, location, table, sheet, name } });
  };
  return (
    <Section
      title={trans.__('Sources')}
      count={known(model.state) ? model.sourcesTotal : null}
    >
      {model.sources.length === 0 && (
        <Nothing
          text={
            model.words
              ? trans.__('No source matches.')
              : trans.__(
                  'No tables yet: put a CSV or Parquet file into the lake, or name a source.'
                )
          }
          action={commands.label(CommandIDs.profileWith, {})}
          onAction={() => void commands.execute(CommandIDs.profileWith)}
        />
      )}
      <ul aria-label={trans.__('Sources')}>
        {model.sources.map(source => (
          <Row
            key={`${source.kind} ${source.location} ${source.table}`}
            icon={tableIcon}
            name={nameOf(source)}
            meta={metaOf(source)}
            title={titleText(source)}
            onOpen={() => begin(source)}
            onMenu={event => {
              event.preventDefault();
              event.stopPropagation();
              openSourceMenu(bench, source, event);
            }}
            actions={
              <>
                {source.run && (
                  <IconButton
                    icon={edaIcon}
                    label={trans.__('Open the last report on %1', nameOf(source))}
                    onClick={() =>
                      void commands.execute(CommandIDs.open, { id: source.run })
                    }
                  />
                )}
                <IconButton
                  icon={runIcon}
                  label={trans.__('Profile %1', nameOf(source))}
                  onClick={() => begin(source)}
                />
                <IconButton
                  icon={ellipsesIcon}
                  label={trans.__('More for %1', nameOf(source))}
                  onClick={event => openSourceMenu(bench, source, event)}
                />
              </>
            }
          />
        ))}
      </ul>
      {model.hasMore && (
        <button type="button" className="orrery-eda-link" onClick={() => model.more()}>
          {trans.__('Show more')}
        </button>
      )}
    </Section>
  );

  function metaOf(source: Source): string {
    const size = source.size === null ? '' : sizeOf(source.size);
    const when = source.profiled
      ? Time.formatHuman(new Date(source.profiled), 'narrow')
      : '';
    return [when, size].filter(Boolean).join(' · ');
  }

  function titleText(source: Source): string {
    const lines = [
      source.table ? `${source.location} ${source.table}` : source.location
    ];
    if (source.changed) {
      lines.push(trans.__('Changed: %1', Time.format(new Date(source.changed))));
    }
    if (source.profiled) {
      lines.push(
        trans.__(
          'Profiled: %1 by %2',
          Time.format(new Date(source.profiled)),
          source.by
        )
      );
    }
    return lines.join('\n');
  }
}

function openSourceMenu(bench: IBench, source: Source, event: React.MouseEvent): void {
  const { kind, location, table, sheet, name } = source;
  const args = { source: { kind, location, table, sheet, name } };
  const menu = new MenuSvg({ commands: bench.commands });
  menu.addItem({ command: CommandIDs.profile, args });
  menu.addItem({ command: CommandIDs.profileWith, args });
  if (source.run) {
    menu.addItem({ command: CommandIDs.open, args: { id: source.run } });
  }
  openAt(menu, event);
}

function Reports(): JSX.Element {
  const panel = usePanel();
  const { bench, screens } = panel;
  const { commands, model, trans } = bench;
  useChanges(model.changed);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const choose = (ids: readonly string[]): void => {
    setChosen(ids);
    screens.selection = model.runs.filter(run => ids.includes(run.id));
    commands.notifyCommandChanged();
  };
  const select = (run: Run, event: React.MouseEvent | React.KeyboardEvent): void => {
    const more = event.ctrlKey || event.metaKey || event.shiftKey;
    const rest = chosen.filter(id => id !== run.id);
    choose(more ? (chosen.includes(run.id) ? rest : [...chosen, run.id]) : [run.id]);
  };
  return (
    <Section
      title={trans.__('Reports')}
      count={known(model.state) ? model.runsTotal : null}
    >
      {model.runs.length === 0 && (
        <p className="orrery-eda-empty">
          {model.words
            ? trans.__('No report matches.')
            : trans.__('No reports yet. Profile a dataframe or a source.')}
        </p>
      )}
      {chosen.length === 2 && (
        <button
          type="button"
          className="orrery-eda-link"
          onClick={() => void commands.execute(CommandIDs.compare)}
        >
          {commands.label(CommandIDs.compare)}
        </button>
      )}
      <ul aria-label={trans.__('Reports')}>
        {model.runs.map(run => (
          <Row
            key={run.id}
            icon={edaIcon}
            name={titleOf(run)}
            meta={metaOf(run)}
            title={titleText(run)}
            selected={chosen.includes(run.id)}
            data={{ 'data-run': run.id, 'data-state': run.state }}
            busy={isActive(run) ? run.progress : null}
            onOpen={() => void commands.execute(CommandIDs.open, { id: run.id })}
            onSelect={event => select(run, event)}
            onKey={key => {
              if (key === 'Delete') {
                void commands.execute(CommandIDs.delete, { id: run.id });
              }
              return key === 'Delete';
            }}
            onMenu={event => {
              if (!chosen.includes(run.id)) {
                choose([run.id]);
              }
              event.preventDefault();
              event.stopPropagation();
              openRunMenu(bench, run, event, chosen.length === 2);
            }}
            actions={
              isActive(run) ? (
                <IconButton
                  icon={stopIcon}
                  label={trans.__('Cancel %1', titleOf(run))}
                  onClick={() =>
                    void commands.execute(CommandIDs.cancel, { id: run.id })
                  }
                />
              ) : (
                <>
                  <IconButton
                    icon={ellipsesIcon}
                    label={trans.__('More for %1', titleOf(run))}
                    onClick={event =>
                      openRunMenu(bench, run, event, chosen.length === 2)
                    }
                  />
                  <IconButton
                    icon={deleteIcon}
                    label={trans.__('Delete %1', titleOf(run))}
                    onClick={() =>
                      void commands.execute(CommandIDs.delete, { id: run.id })
                    }
                  />
                </>
              )
            }
          />
        ))}
      </ul>
    </Section>
  );

  function metaOf(run: Run): string {
    switch (run.state) {
      case 'queued':
        return run.waiting
          ? trans._n('%1 before it', '%1 before it', run.waiting)
          : trans.__('Queued');
      case 'running':
        return trans.__('%1 %', Math.round(run.progress * 100));
      case 'failed':
        return trans.__('Failed');
      case 'cancelled':
        return trans.__('Cancelled');
      default: {
        const when = Time.formatHuman(new Date(run.finished ?? run.created), 'narrow');
        return `${taskOf(run)} · ${when}`;
      }
    }
  }

  function taskOf(run: Run): string {
    switch (run.task) {
      case 'comparison':
        return trans.__('Comparison');
      case 'checks':
        return run.failing
          ? trans._n('%1 check failed', '%1 checks failed', run.failing)
          : trans.__('Checks passed');
      case 'report':
        return trans.__('Full report');
      default:
        return run.alerts
          ? trans._n('%1 alert', '%1 alerts', run.alerts)
          : trans.__('No alerts');
    }
  }

  function titleText(run: Run): string {
    const lines = [
      titleOf(run),
      trans.__('Begun: %1 by %2', Time.format(new Date(run.created)), run.by)
    ];
    if (run.rows !== null) {
      lines.push(
        trans.__(
          '%1 rows, %2 columns',
          run.rows.toLocaleString(),
          (run.columns ?? 0).toLocaleString()
        )
      );
    }
    if (run.bytes) {
      lines.push(trans.__('Kept: %1', sizeOf(run.bytes)));
    }
    if (run.error) {
      lines.push(run.error.message, run.error.reason, run.error.remedy);
    }
    return lines.filter(Boolean).join('\n');
  }
}

function openRunMenu(
  bench: IBench,
  run: Run,
  event: React.MouseEvent,
  two: boolean
): void {
  const menu = new MenuSvg({ commands: bench.commands });
  const args = { id: run.id };
  menu.addItem({ command: CommandIDs.open, args });
  if (two) {
    menu.addItem({ command: CommandIDs.compare });
  }
  menu.addItem({ command: CommandIDs.rerun, args });
  menu.addItem({ command: CommandIDs.fullReport, args });
  menu.addItem({ type: 'separator' });
  for (const format of ['html', 'json', 'markdown']) {
    menu.addItem({ command: CommandIDs.download, args: { ...args, format } });
  }
  menu.addItem({ type: 'separator' });
  menu.addItem({
    command: isActive(run) ? CommandIDs.cancel : CommandIDs.delete,
    args
  });
  openAt(menu, event);
}

function openAt(menu: MenuSvg, event: React.MouseEvent): void {
  if (event.type === 'contextmenu') {
    menu.open(event.clientX, event.clientY);
    return;
  }
  const { right, bottom } = event.currentTarget.getBoundingClientRect();
  menu.open(right, bottom, { horizontalAlignment: 'right' });
}

function Nothing(props: {
  text: string;
  action: string;
  onAction: () => void;
}): JSX.Element {
  return (
    <p className="orrery-eda-empty">
      {props.text}{' '}
      <button type="button" className="orrery-eda-link" onClick={props.onAction}>
        {props.action}
      </button>
    </p>
  );
}

function Footer(): JSX.Element {
  const { bench } = usePanel();
  const { model, trans } = bench;
  useChanges(model.changed);
  const active = model.runs.filter(isActive).length;
  return (
    <div className="orrery-eda-footer">
      <span role="status">
        {model.state === 'loading' && model.runs.length + model.sources.length === 0
          ? trans.__('Loading…')
          : active
            ? trans._n('%1 run under way', '%1 runs under way', active)
            : trans._n('%1 report', '%1 reports', model.runsTotal)}
      </span>
      {model.state === 'failed' && (
        <>
          <span className="orrery-eda-offline" title={sentence(model.error, trans)}>
            {trans.__('Not up to date')}
          </span>
          <button
            type="button"
            className="orrery-eda-link"
            onClick={() => void model.refresh()}
          >
            {trans.__('Try again')}
          </button>
        </>
      )}
    </div>
  );
}

function known(state: string): boolean {
  return state !== 'idle';
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

function sizeOf(bytes: number): string {
  const step = Math.min(
    UNITS.length - 1,
    Math.floor(Math.log10(Math.max(bytes, 1)) / 3)
  );
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: UNITS[step],
    unitDisplay: 'short',
    maximumFractionDigits: 1
  }).format(bytes / 1_000 ** step);
}
