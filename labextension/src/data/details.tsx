/**
 * The tab that shows what is known of one thing without reading it, and why it cannot be seen if so.
 */
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useEffect, useState } from 'react';

import { Button } from '../base/controls';
import { sentence } from '../base/notify';
import { kindText } from './panel/rows';
import { PreviewSection, type IPreviewOptions } from './preview';
import type { Entry, Explanation, Properties } from './schemas';
import { bytes } from './sizes';

export interface IDetailsOptions {
  trans: TranslationBundle;
  load: (signal: AbortSignal) => Promise<Properties>;
  explain: () => Promise<Explanation>;
  /** Put code that loads it where the person works; null for what cannot be loaded. */
  insert: () => void;
  copyPath: () => void;
  /** How its content is asked for; whether it is a folder is known by then. */
  preview: (entry: Entry) => Omit<IPreviewOptions, 'trans'>;
}

/** The content of the tab. */
export function createDetails(options: IDetailsOptions): ReactWidget {
  const widget = ReactWidget.create(<Details {...options} />);
  widget.addClass('orrery-data-details');
  return widget;
}

function Details(props: IDetailsOptions): JSX.Element {
  const { trans } = props;
  const [properties, setProperties] = useState<Properties | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    setError(null);
    props.load(controller.signal).then(setProperties, (problem: unknown) => {
      if (!controller.signal.aborted) {
        setError(problem);
      }
    });
    return () => controller.abort();
  }, [round]);
  return (
    <main aria-busy={properties === null && error === null}>
      {properties && <Facts properties={properties} trans={trans} />}
      {error !== null && (
        <p role="alert" className="orrery-problem">
          {sentence(error, trans)}
        </p>
      )}
      {properties === null && error === null && (
        <p role="status" className="orrery-quiet">
          {trans.__('Loading…')}
        </p>
      )}
      <div className="orrery-data-buttons">
        {properties && isLoadable(properties.entry) && (
          <Button look="accept" onClick={props.insert}>
            {trans.__('Insert Load Code')}
          </Button>
        )}
        {properties && (
          <Button onClick={props.copyPath}>{trans.__('Copy Path')}</Button>
        )}
        <Button onClick={() => setRound(round + 1)}>{trans.__('Refresh')}</Button>
      </div>
      {properties && isShown(properties) && (
        <PreviewSection trans={trans} {...props.preview(properties.entry)} />
      )}
      <Explain {...props} isFailed={error !== null} />
      {properties && properties.columns.length > 0 && (
        <Columns columns={properties.columns} trans={trans} />
      )}
    </main>
  );
}

/** A folder may be a table, whose log or files stand in it; the top of a location is none. */
function isShown({ entry }: Properties): boolean {
  return entry.path !== '' && !['schema', 'column'].includes(entry.kind);
}

function isLoadable({ kind }: Entry): boolean {
  return !['folder', 'schema'].includes(kind);
}

function Facts(props: {
  properties: Properties;
  trans: TranslationBundle;
}): JSX.Element {
  const { properties, trans } = props;
  const { address, entry, facts, location } = properties;
  const rows: (readonly [string, string])[] = [
    [trans.__('Kind'), kindText(entry, trans)],
    [trans.__('Type'), entry.type],
    [trans.__('Size'), entry.size === null ? '' : sizeText(entry.size, trans)],
    [
      trans.__('Rows'),
      entry.rows === null ? '' : trans.__('about %1', entry.rows.toLocaleString())
    ],
    [trans.__('Changed'), entry.modified ? Time.format(entry.modified) : ''],
    [trans.__('Owner'), entry.owner],
    [trans.__('Comment'), entry.comment],
    [trans.__('Version'), entry.etag],
    [trans.__('Default'), entry.default],
    [trans.__('Access'), location.is_read_only ? trans.__('Read-only') : ''],
    [trans.__('Path'), address],
    ...facts.map(({ name, value }) => [name, value] as const)
  ];
  return (
    <>
      <h1>{entry.name || location.title}</h1>
      <dl className="orrery-data-facts">
        {rows
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <React.Fragment key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </React.Fragment>
          ))}
      </dl>
    </>
  );
}

function sizeText(size: number, trans: TranslationBundle): string {
  const exact = trans._n('%2 byte', '%2 bytes', size, size.toLocaleString());
  return size < 1024 ? exact : `${bytes(size)} (${exact})`;
}

function Explain(props: IDetailsOptions & { isFailed: boolean }): JSX.Element {
  const { trans } = props;
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const [error, setError] = useState('');
  const ask = (): void => {
    props
      .explain()
      .then(setExplanation, (problem: unknown) => setError(sentence(problem, trans)));
  };
  return (
    <section aria-live="polite">
      {explanation ? (
        <>
          <h2>
            {explanation.is_visible
              ? trans.__('You can see this')
              : trans.__('Why you cannot see this')}
          </h2>
          <ol className="orrery-data-steps">
            {explanation.steps.map(({ name, is_met: isMet, remedy, text }) => (
              <li key={name} data-met={String(isMet)}>
                <strong>{name}</strong>
                <span>
                  {isMet === null ? '' : isMet ? trans.__('Yes.') : trans.__('No.')}{' '}
                  {text} {remedy}
                </span>
              </li>
            ))}
          </ol>
        </>
      ) : (
        <button type="button" className="orrery-link" onClick={ask}>
          {props.isFailed
            ? trans.__('Why can’t I see this?')
            : trans.__('Explain my access')}
        </button>
      )}
      {error && <p role="alert">{error}</p>}
    </section>
  );
}

function Columns(props: {
  columns: readonly Entry[];
  trans: TranslationBundle;
}): JSX.Element {
  const { columns, trans } = props;
  return (
    <section>
      <h2>{trans._n('%1 column', '%1 columns', columns.length)}</h2>
      <div
        className="orrery-data-table"
        tabIndex={0}
        role="group"
        aria-label={trans.__('Columns')}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">{trans.__('Name')}</th>
              <th scope="col">{trans.__('Type')}</th>
              <th scope="col">{trans.__('Key')}</th>
              <th scope="col">{trans.__('Empty')}</th>
              <th scope="col">{trans.__('Comment')}</th>
            </tr>
          </thead>
          <tbody>
            {columns.map(column => (
              <tr key={column.path}>
                <th scope="row">{column.name}</th>
                <td>{column.type}</td>
                <td>{keyText(column, trans)}</td>
                <td>
                  {column.is_nullable === null
                    ? ''
                    : column.is_nullable
                      ? trans.__('allowed')
                      : trans.__('never')}
                </td>
                <td>{column.comment}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function keyText({ key }: Entry, trans: TranslationBundle): string {
  return { '': '', primary: trans.__('primary'), foreign: trans.__('foreign') }[key];
}
