/**
 * What a thing holds: its first rows in a grid that says of how many they are, or its text, cells or picture.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useMemo, useState } from 'react';

import { Button } from '../base/controls';
import { DataTable } from '../base/grid/datatable';
import type { GridValue, IGridSelection } from '../base/grid/gridwidget';
import { sentence } from '../base/notify';
import { filterOf, labelOf, sortOf } from './previewtext';
import type {
  ColumnStatistics,
  Preview,
  PreviewColumn,
  WindowRequest
} from './schemas';

const STEP = 200;
const MOST_ROWS = 10_000;
const VISIBLE_ROWS = 18;

export type Window = Partial<WindowRequest>;

export interface IPreviewOptions {
  trans: TranslationBundle;
  load: (window: Window, signal: AbortSignal) => Promise<Preview>;
  /** Where the browser gets the bytes of a picture. */
  address: string;
  /** Open the data in Auto-EDA; null where that cannot be. */
  profile: (() => void) | null;
}

/** A part of the tab of a thing. */
export function PreviewSection(props: IPreviewOptions): JSX.Element {
  const { trans } = props;
  const [window, setWindow] = useState<Window>({ limit: STEP, statistics: true });
  const [preview, setPreview] = useState<Preview | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isLoading, setLoading] = useState(true);
  useEffect(() => {
    const controller = new AbortController();
    setLoading(true);
    props.load(window, controller.signal).then(
      answer => {
        setPreview(answer);
        setError(null);
        setLoading(false);
      },
      (problem: unknown) => {
        if (!controller.signal.aborted) {
          setError(problem);
          setLoading(false);
        }
      }
    );
    return () => controller.abort();
  }, [window]);
  return (
    <section className="orrery-data-preview" aria-busy={isLoading}>
      <h2>{trans.__('Preview')}</h2>
      {isLoading && (
        <p role="status" className="orrery-quiet">
          {trans.__('Loading…')}
        </p>
      )}
      {error !== null && (
        <p role="alert" className="orrery-problem">
          {sentence(error, trans)}
        </p>
      )}
      {preview && (
        <Content {...props} preview={preview} window={window} ask={setWindow} />
      )}
    </section>
  );
}

interface IContentProps extends IPreviewOptions {
  preview: Preview;
  window: Window;
  ask: (window: Window) => void;
}

function Content(props: IContentProps): JSX.Element {
  const { address, preview, trans } = props;
  return (
    <>
      {preview.columns.length > 0 && <Rows {...props} />}
      {preview.text !== '' && (
        <pre className="orrery-data-text" tabIndex={0}>
          {preview.text}
        </pre>
      )}
      {preview.cells.map((cell, place) => (
        <pre key={place} className="orrery-data-text" data-kind={cell.kind}>
          {cell.output === '' ? cell.source : `${cell.source}\n\n${cell.output}`}
        </pre>
      ))}
      {preview.format === 'image' && (
        <img
          className="orrery-data-picture"
          src={address}
          alt={trans.__('The picture')}
        />
      )}
      {preview.format === 'pdf' && (
        <p>{trans.__('A PDF document; open it in the file browser to read it.')}</p>
      )}
      {preview.notes.map(note => (
        <p key={note} className="orrery-quiet">
          {note}
        </p>
      ))}
    </>
  );
}

function Rows(props: IContentProps): JSX.Element {
  const { ask, preview, profile, trans, window } = props;
  const [selection, setSelection] = useState<IGridSelection | null>(null);
  const table = useMemo(
    () => ({ columns: preview.columns.map(({ name }) => name), rows: preview.rows }),
    [preview]
  );
  const text = useMemo(
    () => ({
      value: (value: GridValue) =>
        value === null ? trans.__('missing') : String(value),
      column: (name: string) => (name === '' ? trans.__('(no name)') : name)
    }),
    [trans]
  );
  const column = selection ? preview.columns[selection.column] : null;
  const label = labelOf(preview, trans);
  return (
    <>
      <p className="orrery-data-shown" role="status">
        {label}
        {preview.schema_changed && (
          <span className="orrery-data-badge">{trans.__('columns changed')}</span>
        )}
      </p>
      <Choices {...props} />
      <DataTable
        trans={trans}
        label={label}
        table={table}
        text={text}
        visibleRows={VISIBLE_ROWS}
        onSelect={setSelection}
      />
      {column && <ColumnFacts column={column} trans={trans} />}
      <div className="orrery-data-buttons">
        <Button disabled={!column} onClick={() => ask(sortOf(window, column!.index))}>
          {trans.__('Sort by Column')}
        </Button>
        <Button
          disabled={!column || selection?.row === null}
          onClick={() =>
            ask(filterOf(window, column!.index, valueAt(preview, selection)))
          }
        >
          {trans.__('Only Rows with This Value')}
        </Button>
        <Button
          disabled={!window.filters?.length && !window.sort?.length}
          onClick={() => ask({ ...window, filters: [], sort: [] })}
        >
          {trans.__('All Rows')}
        </Button>
        <Button
          disabled={!preview.has_more || preview.row_count >= MOST_ROWS}
          onClick={() =>
            ask({ ...window, limit: Math.min(MOST_ROWS, (window.limit ?? STEP) * 4) })
          }
        >
          {trans.__('More Rows')}
        </Button>
        {profile && <Button onClick={profile}>{trans.__('Profile')}</Button>}
      </div>
    </>
  );
}

/** Sheets of a workbook and states of a table, where there are several. */
function Choices({ ask, preview, trans, window }: IContentProps): JSX.Element {
  return (
    <div className="orrery-data-choices">
      {preview.sheets.length > 1 && (
        <label>
          {trans.__('Sheet')}{' '}
          <select
            value={preview.sheet}
            onChange={event => ask({ ...window, sheet: event.target.value })}
          >
            {preview.sheets.map(sheet => (
              <option key={sheet}>{sheet}</option>
            ))}
          </select>
        </label>
      )}
      {preview.snapshots.length > 1 && (
        <label>
          {trans.__('Snapshot')}{' '}
          <select
            value={preview.snapshot}
            onChange={event => ask({ ...window, snapshot: event.target.value })}
          >
            {preview.snapshots.map(({ at, id, operation }) => (
              <option key={id} value={id}>
                {[id, operation, at && new Date(at).toLocaleString()]
                  .filter(Boolean)
                  .join(' · ')}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

function ColumnFacts(props: {
  column: PreviewColumn;
  trans: TranslationBundle;
}): JSX.Element {
  const { column, trans } = props;
  const { statistics } = column;
  const kind = column.is_guessed
    ? trans.__('%1 (by the first rows)', column.kind)
    : column.kind;
  const facts = [
    column.type === column.kind ? kind : `${kind} · ${column.type}`,
    statistics &&
      (statistics.is_whole
        ? trans.__('of all %1 rows', statistics.rows.toLocaleString())
        : trans.__('of the %1 rows shown', statistics.rows.toLocaleString())),
    ...(statistics ? factsOf(statistics, trans) : [])
  ];
  return (
    <p className="orrery-quiet" role="status">
      <strong>{column.name || trans.__('(no name)')}</strong>{' '}
      {facts.filter(Boolean).join(' · ')}
    </p>
  );
}

function factsOf(
  { distinct, max, mean, min, nulls }: ColumnStatistics,
  trans: TranslationBundle
): (string | null)[] {
  return [
    nulls === null ? null : trans.__('%1 missing', nulls.toLocaleString()),
    distinct === null ? null : trans.__('%1 different', distinct.toLocaleString()),
    min === null ? null : trans.__('%1 to %2', String(min), String(max)),
    mean === null ? null : trans.__('mean %1', mean.toPrecision(6))
  ];
}

function valueAt(preview: Preview, selection: IGridSelection | null): GridValue {
  const row = selection?.row ?? null;
  return row === null ? null : (preview.rows[row]?.[selection!.column] ?? null);
}
