/**
 * A view with one list: what narrows it, the list, and beside it what is known of the row that is open.
 */
import React, { useEffect, useMemo, useState } from 'react';

import type { Page } from '../src/base/schemas';

import { useAdmin } from './context';
import { Button, SearchField, Select } from './controls';
import { useStore } from './store';
import type { IColumn } from './table/column';
import { DataTable } from './table/datatable';
import { TableModel, type Query } from './table/model';

/** A choice that narrows the list; the name is the server's. */
export interface IFilter {
  readonly name: string;
  readonly label: string;
  readonly initial: string;
  /** With none, only the address says it. */
  readonly options: readonly (readonly [string, string])[];
}

export interface IListViewProps<T> {
  readonly title: string;
  readonly noun: readonly [string, string];
  /** The path below the service's API. */
  readonly path: string;
  /** What the search says; empty where the server searches nothing. */
  readonly search: string;
  /** By what the list is ordered at first; empty where the server has one order only. */
  readonly sort: string;
  readonly isDescending?: boolean;
  readonly filters?: readonly IFilter[];
  readonly columns: readonly IColumn<T>[];
  readonly idOf: (row: T) => string;
  readonly empty: React.ReactNode;
  readonly canSelect?: boolean;
  /** Which row is open, where the address says so; else the view remembers it. */
  readonly openId?: string;
  readonly onOpen?: (id: string | undefined) => void;
  /** Asks for the list again every so many seconds. */
  readonly seconds?: number;
  /** Buttons beside the filters. */
  readonly actions?: (selection: readonly T[], list: IList<T>) => React.ReactNode;
  readonly details: (row: T, list: IList<T>) => React.ReactNode;
}

/** What details and buttons do with the list. */
export interface IList<T> {
  readonly query: Query;
  refresh(): void;
  replace(row: T): void;
  clear(): void;
}

/** The parameters of the address as the query of the list; what is not there is as it was at first. */
export function queryOf(
  params: Readonly<Record<string, string>>,
  props: Pick<IListViewProps<never>, 'search' | 'sort' | 'isDescending' | 'filters'>
): Query {
  const filters = Object.fromEntries(
    (props.filters ?? []).map(({ name, initial }): [string, string] => [
      name,
      params[name] ?? initial
    ])
  );
  const order = {
    sort: params.sort || props.sort,
    descending: params.descending
      ? params.descending === 'true'
      : (props.isDescending ?? false)
  };
  return {
    ...(props.search ? { q: params.q ?? '' } : {}),
    ...(props.sort ? order : {}),
    ...filters
  };
}

export function ListView<T>(props: IListViewProps<T>): JSX.Element {
  const { router } = useAdmin();
  const { params } = useStore(router.route);
  const query = queryOf(params, props);
  const model = useTableModel<T>(props.path, query, props.seconds);
  const [openId, setOpenId] = useOpen(props);
  const [selection, setSelection] = useState<ReadonlyMap<string, T>>(new Map());
  const { rows } = useStore(model.state);
  const open = [...rows.values()].find(row => props.idOf(row) === openId);
  const list: IList<T> = {
    query,
    refresh: () => model.refresh(),
    replace: row => model.replace(known => props.idOf(known) === props.idOf(row), row),
    clear: () => setSelection(new Map())
  };
  return (
    <div className="orrery-admin-view">
      <Bar {...props} params={params}>
        {props.actions?.([...selection.values()], list)}
        <Button onClick={() => model.refresh()}>Refresh</Button>
      </Bar>
      <div className="orrery-admin-split">
        <DataTable
          label={props.title}
          noun={props.noun}
          model={model}
          columns={props.columns}
          idOf={props.idOf}
          order={{
            sort: String(query.sort),
            isDescending: query.descending === true,
            onSort: (sort, descending) =>
              router.narrow({ sort, descending: String(descending) })
          }}
          onOpen={row => setOpenId(props.idOf(row))}
          openId={openId}
          selection={props.canSelect ? selection : undefined}
          onSelect={props.canSelect ? setSelection : undefined}
          empty={props.empty}
        />
        {open !== undefined && (
          <DetailsPane onClose={() => setOpenId(undefined)}>
            {props.details(open, list)}
          </DetailsPane>
        )}
      </div>
    </div>
  );
}

/** The rows of a path, narrowed as the address says. */
function useTableModel<T>(
  path: string,
  query: Query,
  seconds: number | undefined
): TableModel<T> {
  const { api } = useAdmin();
  const model = useMemo(
    () =>
      new TableModel<T>(
        (page, signal) => api.call<Page<T>>(path, { query: page, signal }),
        query
      ),
    // The first query only: later ones are set below.
    [api, path]
  );
  useEffect(() => () => model.dispose(), [model]);
  useEffect(() => model.setQuery(query));
  useEffect(() => {
    const timer = seconds
      ? setInterval(() => model.refresh(), seconds * 1000)
      : undefined;
    return () => clearInterval(timer);
  }, [model, seconds]);
  return model;
}

/** Which row is open, from whoever knows. */
function useOpen<T>(
  props: IListViewProps<T>
): readonly [string | undefined, (id: string | undefined) => void] {
  const [ownOpenId, setOwnOpenId] = useState<string>();
  return props.onOpen ? [props.openId, props.onOpen] : [ownOpenId, setOwnOpenId];
}

/** The title, and what narrows the list. */
function Bar<T>(
  props: IListViewProps<T> & {
    readonly params: Readonly<Record<string, string>>;
    readonly children: React.ReactNode;
  }
): JSX.Element {
  const { router } = useAdmin();
  const { params } = props;
  const shown = (props.filters ?? []).filter(({ options }) => options.length > 0);
  return (
    <header className="orrery-admin-bar">
      <h1>{props.title}</h1>
      {props.search && (
        <SearchField
          label={props.search}
          value={params.q ?? ''}
          onChange={q => router.narrow({ q })}
        />
      )}
      {shown.map(filter => (
        <Select
          key={filter.name}
          label={filter.label}
          value={params[filter.name] ?? filter.initial}
          options={filter.options}
          onChange={value => router.narrow({ [filter.name]: value })}
        />
      ))}
      <span className="orrery-admin-space" />
      {props.children}
    </header>
  );
}

function DetailsPane(props: {
  readonly onClose: () => void;
  readonly children: React.ReactNode;
}): JSX.Element {
  return (
    <aside className="orrery-admin-details" aria-label="Details">
      <div className="orrery-admin-close">
        <Button look="stealth" label="Close details" onClick={props.onClose}>
          ✕
        </Button>
      </div>
      {props.children}
    </aside>
  );
}

/** Facts as pairs of name and value. */
export function Facts(props: {
  readonly facts: readonly (readonly [string, React.ReactNode])[];
}): JSX.Element {
  return (
    <dl className="orrery-admin-facts">
      {props.facts.map(([name, value]) => (
        <React.Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}
