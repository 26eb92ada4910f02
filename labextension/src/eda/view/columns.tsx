/**
 * The columns of a table as dense cards, searched, filtered and sorted.
 */
import { HTMLSelect, InputGroup } from '@jupyterlab/ui-components';
import React, { useMemo, useRef } from 'react';

import { useChanges } from '../../base/hooks';
import type { Alert, ColumnProfile, ColumnType } from '../schemas';
import { Card } from './card';
import { whole } from './format';
import { useView } from './hooks';
import { gravestFirst } from './levels';
import { Rows } from './list';
import { Action, Empty, Failed, Loading } from './parts';
import type { Sort } from './pages';
import type { RunModel } from './run';

const ROW_PX = 44;
const NONE: readonly Alert[] = [];

/** The section with every column. */
export function Columns(): JSX.Element {
  const { model, trans } = useView();
  const pages = model.columns;
  useChanges(pages.changed);
  useChanges(model.changed);
  const search = useRef<HTMLDivElement>(null);
  const alerts = useAlertsByColumn();
  const pending = (place: number): string =>
    pages.plain ? (model.overview?.names[place] ?? '') : '';
  if (pages.error) {
    return (
      <Failed
        title={trans.__('The columns could not be loaded')}
        error={pages.error}
        again={() => pages.retry()}
      />
    );
  }
  return (
    <>
      <div ref={search} className="orrery-eda-view-bar">
        <Filters />
      </div>
      {pages.total > 0 ? (
        <Rows
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
          keyOf={place =>
            pages.plain ? place : (pages.at(place)?.index ?? `place ${place}`)
          }
          nameOf={place => pages.at(place)?.name ?? pending(place)}
          onShow={(from, to) => pages.show(from, to)}
          onSearch={() => search.current?.querySelector('input')?.focus()}
          busy={model.active}
          draw={(place, row) => {
            const column = pages.at(place);
            return column ? (
              <Card
                {...row}
                early={isEarly(column, model)}
                column={column}
                alerts={alerts.get(column.index) ?? NONE}
              />
            ) : (
              <Pending name={pending(place)} />
            );
          }}
        />
      ) : (
        <NoColumns />
      )}
    </>
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
  const { model, trans, words } = useView();
  const pages = model.columns;
  const { filter } = pages;
  const options = Object.entries(words.types) as [ColumnType, string][];
  const some = (model.overview?.alerts.length ?? 0) > 0;
  const early = pages.seen.find(column => isEarly(column, model));
  return (
    <>
      <InputGroup
        type="search"
        rightIcon="ui-components:search"
        aria-label={trans.__('Search in column names')}
        placeholder={trans.__('Search columns')}
        value={filter.q}
        onChange={event => pages.narrow({ q: event.currentTarget.value })}
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
        {options.map(([type, label]) => (
          <option key={type} value={type}>
            {label}
          </option>
        ))}
      </HTMLSelect>
      <SortChoice />
      <Action
        label={trans.__('With alerts')}
        caption={
          some || filter.alerts
            ? trans.__('Show only columns with alerts')
            : trans.__('No alerts so far')
        }
        pressed={filter.alerts}
        disabled={!some && !filter.alerts}
        onClick={() => pages.narrow({ alerts: !filter.alerts })}
      />
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
    </>
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
    const found = new Map<number, Alert[]>();
    for (const alert of gravestFirst(alerts)) {
      for (const index of alert.columns) {
        found.set(index, [...(found.get(index) ?? []), alert]);
      }
    }
    return found;
  }, [alerts]);
}
