/**
 * The columns of a table as dense cards, searched, filtered and sorted.
 */
import { HTMLSelect } from '@jupyterlab/ui-components';
import React, { useMemo, useRef } from 'react';

import { useSignal } from '../../base/hooks';
import type { Alert, ColumnProfile, ColumnType } from '../schemas';
import { ColumnRow } from './columnrow';
import { whole } from './format';
import { useView } from './context';
import { bySeverity } from './severity';
import { TreeGrid, type ITreeRow } from './treegrid';
import { Action, Empty, Failed, Loading, SearchField } from './components';
import type { Sort } from './pages';
import type { RunModel } from './run';

const ROW_PX = 44;
const NONE: readonly Alert[] = [];

/** The section with every column. */
export function Columns(): JSX.Element {
  const { model, trans } = useView();
  const pages = model.columns;
  useSignal(pages.changed);
  useSignal(model.changed);
  const bar = useRef<HTMLDivElement>(null);
  if (pages.error) {
    return (
      <Failed
        title={trans.__('The columns could not be loaded')}
        error={pages.error}
        retry={() => pages.retry()}
      />
    );
  }
  return (
    <>
      <div ref={bar} className="orrery-eda-view-bar">
        <Filters />
        <SortChoice />
        <AlertFilter />
        <Total />
      </div>
      {pages.total > 0 ? (
        <ColumnList onSearch={() => bar.current?.querySelector('input')?.focus()} />
      ) : (
        <NoColumns />
      )}
    </>
  );
}

function ColumnList({ onSearch }: { onSearch: () => void }): JSX.Element {
  const { model, trans, opened } = useView();
  const pages = model.columns;
  const alerts = useAlertsByColumn();
  const pendingName = (index: number): string =>
    pages.plain ? (model.overview?.names[index] ?? '') : '';
  const draw = (index: number, row: ITreeRow): React.ReactNode => {
    const column = pages.at(index);
    return column ? (
      <ColumnRow
        {...row}
        early={isEarly(column, model)}
        column={column}
        alerts={alerts.get(column.index) ?? NONE}
      />
    ) : (
      <Pending name={pendingName(index)} />
    );
  };
  return (
    <TreeGrid
      count={pages.total}
      generation={pages.generation}
      label={trans.__('Columns')}
      headers={[
        trans.__('Column'),
        trans.__('Values'),
        trans.__('Missing'),
        trans.__('Distinct'),
        trans.__('Range'),
        trans.__('Alerts')
      ]}
      height={ROW_PX}
      keyOf={index =>
        pages.plain ? index : (pages.at(index)?.index ?? `place ${index}`)
      }
      nameOf={index => pages.at(index)?.name ?? pendingName(index)}
      opening={pages.filter.q === opened ? opened : null}
      onShow={(from, to) => pages.show(from, to)}
      onSearch={onSearch}
      busy={model.active}
      draw={draw}
    />
  );
}

/** Whether a column has been looked at only in part so far. */
function isEarly(column: ColumnProfile, { active, overview }: RunModel): boolean {
  const all = overview?.sampling?.rows ?? overview?.rows ?? null;
  return active && all !== null && column.count < all;
}

/** A column of which only the name is known yet. */
function Pending({ name }: { name: string }): JSX.Element {
  return (
    <div className="orrery-eda-view-line orrery-mod-pending">
      <div role="gridcell" className="orrery-eda-view-cell-name">
        <span className="orrery-eda-view-quiet">{name}</span>
      </div>
      <div role="gridcell" className="orrery-eda-view-cell-spark">
        <span className="orrery-skeleton" />
      </div>
    </div>
  );
}

function NoColumns(): JSX.Element {
  const { model, trans } = useView();
  const pages = model.columns;
  if (!pages.known || (model.active && !pages.filtered)) {
    return <Loading rows={8} />;
  }
  if (pages.filtered) {
    return (
      <Empty
        title={trans.__('No column matches')}
        text={trans.__('Fewer letters or filters may find it.')}
        action={trans.__('Show all')}
        onAction={() => pages.narrow({ q: '', type: null, alerts: false })}
      />
    );
  }
  return (
    <Empty
      title={trans.__('No columns')}
      text={trans.__('The source has none: there is nothing to describe.')}
    />
  );
}

function Filters(): JSX.Element {
  const { model, trans, labels } = useView();
  const pages = model.columns;
  const { filter } = pages;
  const types = Object.entries(labels.types) as [ColumnType, string][];
  return (
    <>
      <SearchField
        label={trans.__('Search in column names')}
        placeholder={trans.__('Search columns')}
        value={filter.q}
        onChange={q => pages.narrow({ q })}
        onKeyDown={event => {
          if (event.key === 'Escape' && filter.q) {
            event.stopPropagation();
            pages.narrow({ q: '' });
          }
        }}
      />
      <HTMLSelect
        aria-label={trans.__('Type')}
        value={filter.type ?? ''}
        onChange={event =>
          pages.narrow({
            type: (event.currentTarget.value || null) as ColumnType | null
          })
        }
      >
        <option value="">{trans.__('Any type')}</option>
        {types.map(([type, label]) => (
          <option key={type} value={type}>
            {label}
          </option>
        ))}
      </HTMLSelect>
    </>
  );
}

function AlertFilter(): JSX.Element {
  const { model, trans } = useView();
  const pages = model.columns;
  const isOn = pages.filter.alerts;
  const isPossible = isOn || (model.overview?.alerts.length ?? 0) > 0;
  return (
    <Action
      label={trans.__('With alerts')}
      caption={
        isPossible
          ? trans.__('Show only columns with alerts')
          : trans.__('No alerts so far')
      }
      pressed={isOn}
      disabled={!isPossible}
      onClick={() => pages.narrow({ alerts: !isOn })}
    />
  );
}

/** How many columns are listed, and of how many rows they tell so far. */
function Total(): JSX.Element {
  const { model, trans } = useView();
  const pages = model.columns;
  const early = pages.seen.find(column => isEarly(column, model));
  return (
    <span className="orrery-eda-view-quiet orrery-eda-view-total" role="status">
      {early !== undefined &&
        `${trans.__('First look at %1 rows', whole(early.count))} · `}
      {pages.known && (pages.total > 0 || !model.active)
        ? trans.__(
            '%1 of %2',
            whole(pages.total),
            whole(model.overview?.columns ?? pages.total)
          )
        : ''}
    </span>
  );
}

/** While values change, an order by them would make the rows jump. */
function SortChoice(): JSX.Element {
  const { model, trans } = useView();
  const pages = model.columns;
  const stage = model.run?.stage;
  const counted = !model.active || (stage !== 'reading' && stage !== 'summary');
  const options: [Sort, string, boolean][] = [
    ['position', trans.__('In the table’s order'), true],
    ['name', trans.__('By name'), true],
    ['missing', trans.__('Most missing first'), counted],
    ['association', trans.__('Closest to the target first'), !model.active]
  ];
  const target = model.overview?.target ?? null;
  return (
    <HTMLSelect
      aria-label={trans.__('Order')}
      value={pages.filter.sort}
      onChange={event => pages.narrow({ sort: event.currentTarget.value as Sort })}
    >
      {options
        .filter(([sort]) => sort !== 'association' || target !== null)
        .map(([sort, label, enabled]) => (
          <option key={sort} value={sort} disabled={!enabled}>
            {label}
          </option>
        ))}
    </HTMLSelect>
  );
}

function useAlertsByColumn(): ReadonlyMap<number, readonly Alert[]> {
  const { model } = useView();
  const alerts = model.overview?.alerts ?? NONE;
  return useMemo(() => {
    const byColumn = new Map<number, Alert[]>();
    for (const alert of bySeverity(alerts)) {
      for (const index of alert.columns) {
        byColumn.set(index, [...(byColumn.get(index) ?? []), alert]);
      }
    }
    return byColumn;
  }, [alerts]);
}
