/**
 * Small parts of the tab that look like the lab's own.
 */
import {
  caretDownIcon,
  codeIcon,
  InputGroup,
  MenuSvg,
  type LabIcon
} from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { Button } from '../../base/controls';
import { sentence } from '../../base/notify';
import type { Level } from '../schemas';
import { share, shown } from './format';
import { useView } from './context';
import { levelIcons } from './icons';
import type { CodeRequest } from './codeinsert';

/** Something of the data or a statistic, and a button beside it that inserts code for it. */
export function WithCode(props: {
  request: CodeRequest;
  /** What it is, for the tooltip. */
  about: string;
  className?: string;
  children: React.ReactNode;
}): JSX.Element {
  const { insert, trans } = useView();
  const { request, about, className, children } = props;
  return (
    <span className={`orrery-eda-view-code ${className ?? ''}`} title={about}>
      {children}
      <button
        type="button"
        className="orrery-eda-view-insert"
        title={trans.__('Insert code for it into the notebook')}
        aria-label={trans.__('Insert code: %1', about)}
        onClick={() => insert(request)}
      >
        <codeIcon.react tag="span" className="orrery-eda-view-icon" />
      </button>
    </span>
  );
}

/** The name of a column, which opens the column. */
export function ColumnLink({
  name,
  className,
  children
}: {
  name: string;
  className?: string;
  children?: React.ReactNode;
}): JSX.Element {
  const { openColumn, trans } = useView();
  return (
    <button
      type="button"
      className={className ?? 'orrery-eda-view-open'}
      title={trans.__('%1\nShow this column', name)}
      onClick={() => openColumn(name)}
    >
      {children ?? <Name name={name} />}
    </button>
  );
}

/** A flat button of a toolbar. */
export function Action(props: {
  icon?: LabIcon;
  label: string;
  caption?: string;
  disabled?: boolean;
  menu?: boolean;
  pressed?: boolean;
  /** The icon is enough where there is little room. */
  shrinks?: boolean;
  onClick: (event: React.MouseEvent<HTMLElement>) => void;
}): JSX.Element {
  const { icon: Icon, label, caption, disabled, menu } = props;
  return (
    <button
      type="button"
      className={`orrery-eda-view-action${props.shrinks ? ' orrery-mod-shrinks' : ''}`}
      title={caption ?? label}
      aria-label={label}
      aria-disabled={disabled}
      aria-haspopup={menu ? 'menu' : undefined}
      aria-pressed={props.pressed}
      onClick={event => {
        if (!disabled) {
          props.onClick(event);
        }
      }}
    >
      {Icon && <Icon.react tag="span" className="orrery-eda-view-icon" />}
      <span className="orrery-eda-view-label">{label}</span>
      {menu && <caretDownIcon.react tag="span" className="orrery-eda-view-icon" />}
    </button>
  );
}

/** A field that narrows what is listed below it. */
export function SearchField(props: {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  onKeyDown?: (event: React.KeyboardEvent) => void;
}): JSX.Element {
  return (
    <InputGroup
      type="search"
      rightIcon="ui-components:search"
      aria-label={props.label}
      placeholder={props.placeholder}
      value={props.value}
      onChange={event => props.onChange(event.currentTarget.value)}
      onKeyDown={props.onKeyDown}
    />
  );
}

/** What a menu offers. */
export interface IEntry {
  label: string;
  icon?: LabIcon;
  run: () => void;
}

/** Open a menu below a button. */
export function openMenu(below: HTMLElement, entries: readonly IEntry[]): void {
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  entries.forEach(({ label, icon, run }, index) => {
    const command = `choose:${index}`;
    commands.addCommand(command, {
      label,
      icon,
      mnemonic: -1,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: run
    });
    menu.addItem({ command });
  });
  const { left, bottom } = below.getBoundingClientRect();
  menu.open(left, bottom);
}

/** How bad something is, as an icon with a name. */
export function LevelIcon({ level }: { level: Level }): JSX.Element {
  const { labels } = useView();
  const Icon = levelIcons[level];
  return (
    <span
      className="orrery-eda-view-level"
      data-level={level}
      role="img"
      aria-label={labels.levels[level]}
    >
      <Icon.react tag="span" className="orrery-eda-view-icon" />
    </span>
  );
}

/** A share as a thin bar with its number. */
export function ShareBar({
  value,
  label
}: {
  value: number;
  label?: string;
}): JSX.Element {
  return (
    <span className="orrery-eda-view-share" data-none={value === 0}>
      <span className="orrery-eda-view-share-track" aria-hidden>
        <span style={{ inlineSize: `${value > 0 ? Math.max(value * 100, 2) : 0}%` }} />
      </span>
      <span className="orrery-eda-view-number">{label ?? share(value)}</span>
    </span>
  );
}

/** A whole section that has nothing to show, and what to do about it. */
export function Empty(props: {
  title: string;
  text?: string;
  action?: string;
  onAction?: () => void;
  alert?: boolean;
  children?: React.ReactNode;
}): JSX.Element {
  return (
    <div className="orrery-eda-view-empty" role={props.alert ? 'alert' : undefined}>
      <h3>{props.title}</h3>
      {props.text && <p>{props.text}</p>}
      {props.children}
      {props.action && (
        <Button look="accept" onClick={props.onAction}>
          {props.action}
        </Button>
      )}
    </div>
  );
}

/** What went wrong, and the way to try again. */
export function Failed({
  title,
  error,
  retry
}: {
  title: string;
  error: unknown;
  retry: () => void;
}): JSX.Element {
  const { trans } = useView();
  return (
    <Empty
      alert
      title={title}
      text={sentence(error, trans)}
      action={trans.__('Try again')}
      onAction={retry}
    />
  );
}

/** The shape of something that is on its way. */
export function Loading({ rows = 4 }: { rows?: number }): JSX.Element {
  const { trans } = useView();
  return (
    <div role="status" className="orrery-eda-view-loading">
      <span className="orrery-hidden">{trans.__('Loading…')}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="orrery-skeleton" />
      ))}
    </div>
  );
}

/** A whole section that is on its way. */
export function LoadingPage({ rows = 6 }: { rows?: number }): JSX.Element {
  return (
    <div className="orrery-eda-view-page" tabIndex={0}>
      <Loading rows={rows} />
    </div>
  );
}

/** A titled part of a section. */
export function Block(props: {
  title: string;
  note?: string;
  actions?: React.ReactNode;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <section className="orrery-eda-view-block">
      <div className="orrery-eda-view-block-head">
        <h3>{props.title}</h3>
        {props.note && <span className="orrery-eda-view-quiet">{props.note}</span>}
        {props.actions}
      </div>
      {props.children}
    </section>
  );
}

/** A text of the data: kept apart from the direction of the words around it. */
export function Datum({ text }: { text: string }): JSX.Element {
  return <bdi className="orrery-eda-view-datum">{text}</bdi>;
}

/** The name of a column, which may be none. */
export function Name({ name }: { name: string }): JSX.Element {
  const { trans } = useView();
  return name === '' ? (
    <em className="orrery-eda-view-datum">{trans.__('(no name)')}</em>
  ) : (
    <Datum text={shown(name)} />
  );
}
