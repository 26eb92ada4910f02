/**
 * What columns tell of each other: a heat map, the strongest pairs, and two against each other.
 */
import React, { useMemo, useRef, useState } from 'react';

import type { Association, Scatter } from '../schemas';
import { number, share, whole } from './format';
import { useNames, useView } from './hooks';
import { matrixOf, pairsOf, type IMatrix } from './matrix';
import { Action, Block, CodeButton, Name, Empty, Loading } from './parts';

const MOST_COLUMNS = 30;
const FIRST_PAIRS = 15;
// In percent: on a deeper colour the numbers could not be read in every theme.
const DEEPEST = 60;

/** The section about pairs of columns. */
export function Associations(): JSX.Element {
  const { model, trans } = useView();
  const { associations = [], scatters = [] } = model.overview ?? {};
  const matrix = useMemo(() => matrixOf(associations, MOST_COLUMNS), [associations]);
  useNames(matrix.columns);
  useNames(scatters.flatMap(({ a, b }) => [a, b]));
  if (!associations.length && !scatters.length) {
    return model.active ? (
      <div className="orrery-eda-view-page" tabIndex={0}>
        <Loading rows={6} />
      </div>
    ) : (
      <Empty
        title={trans.__('No relations')}
        text={trans.__(
          'No two columns of this table could be held against each other.'
        )}
      />
    );
  }
  return (
    <div className="orrery-eda-view-page" tabIndex={0}>
      {matrix.columns.length > 1 && <HeatMap matrix={matrix} />}
      <Pairs associations={associations} />
      {scatters.length > 0 && (
        <Block title={trans.__('Numbers against each other')}>
          <div className="orrery-eda-view-scatters">
            {scatters.map((scatter, place) => (
              <Grid key={place} scatter={scatter} />
            ))}
          </div>
        </Block>
      )}
    </div>
  );
}

function HeatMap({ matrix }: { matrix: IMatrix }): JSX.Element {
  const { insert, model, trans } = useView();
  const { columns } = matrix;
  const table = useRef<HTMLTableElement>(null);
  const [at, setAt] = useState<readonly [number, number]>([1, 0]);
  const go = (row: number, column: number): void => {
    const next = [clamp(row, columns.length), clamp(column, columns.length)] as const;
    setAt(next);
    table.current
      ?.querySelector<HTMLElement>(`[data-cell="${next[0]} ${next[1]}"]`)
      ?.focus();
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const steps: Record<string, readonly [number, number]> = {
      ArrowDown: [at[0] + 1, at[1]],
      ArrowUp: [at[0] - 1, at[1]],
      ArrowRight: [at[0], at[1] + 1],
      ArrowLeft: [at[0], at[1] - 1],
      Home: [at[0], 0],
      End: [at[0], columns.length - 1]
    };
    const to = steps[event.key];
    if (to) {
      event.preventDefault();
      event.stopPropagation();
      go(...to);
    }
  };
  return (
    <Block
      title={trans.__('Heat map')}
      note={trans.__('of the columns with the strongest ties')}
    >
      <div className="orrery-eda-view-table orrery-eda-view-heat">
        <table
          ref={table}
          role="grid"
          aria-label={trans.__('Heat map')}
          onKeyDown={onKeyDown}
        >
          <thead>
            <tr>
              <td />
              {columns.map(column => (
                <th key={column} scope="col" title={model.name(column)}>
                  <span>
                    <Name name={model.name(column)} />
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {columns.map((a, row) => (
              <tr key={a}>
                <th scope="row" title={model.name(a)}>
                  <Name name={model.name(a)} />
                </th>
                {columns.map((b, column) => (
                  <Cell
                    key={b}
                    place={`${row} ${column}`}
                    pair={a === b ? 'same' : matrix.at(a, b)}
                    focused={at[0] === row && at[1] === column}
                    names={[model.name(a), model.name(b)]}
                    onInsert={() => {
                      setAt([row, column]);
                      insert({
                        what: 'statistic',
                        statistic: 'associations',
                        column: a
                      });
                    }}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Legend />
    </Block>
  );
}

function Cell(props: {
  place: string;
  pair: Association | 'same' | undefined;
  focused: boolean;
  names: readonly [string, string];
  onInsert: () => void;
}): JSX.Element {
  const { trans, words } = useView();
  const { place, pair, focused, names, onInsert } = props;
  const tabIndex = focused ? 0 : -1;
  if (pair === 'same' || !pair) {
    return (
      <td
        data-cell={place}
        data-none={pair !== 'same'}
        tabIndex={tabIndex}
        title={
          pair === 'same'
            ? names[0]
            : trans.__('%1 and %2: not among the strongest', names[0], names[1])
        }
      >
        {pair === 'same' ? '' : '·'}
      </td>
    );
  }
  const label = trans.__(
    '%1: %2 and %3 (%4, %5 rows)',
    short(pair.value),
    names[0],
    names[1],
    words.measures[pair.measure],
    whole(pair.rows)
  );
  return (
    <td
      data-cell={place}
      data-sign={pair.value < 0 ? 'minus' : 'plus'}
      data-strong={Math.abs(pair.value) > 0.6}
      style={
        {
          '--strength': `${Math.round(Math.abs(pair.value) * DEEPEST)}%`
        } as React.CSSProperties
      }
      tabIndex={tabIndex}
      title={trans.__('%1\nClick to insert code for it into the notebook', label)}
      aria-label={label}
      onClick={onInsert}
      onKeyDown={event => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          onInsert();
        }
      }}
    >
      {short(pair.value)}
    </td>
  );
}

function Legend(): JSX.Element {
  const { trans } = useView();
  return (
    <p className="orrery-eda-view-legend orrery-eda-view-quiet">
      <span data-sign="minus" aria-hidden />
      {trans.__('one grows, the other falls')}
      <span data-sign="plus" aria-hidden />
      {trans.__('they grow together, or one tells of the other')}
    </p>
  );
}

function Pairs({
  associations
}: {
  associations: readonly Association[];
}): JSX.Element {
  const { model, trans, words } = useView();
  const [most, setMost] = useState(FIRST_PAIRS);
  const pairs = useMemo(() => pairsOf(associations), [associations]);
  const rest = pairs.length - most;
  useNames(pairs.slice(0, most).flatMap(([{ a, b }]) => [a, b]));
  return (
    <Block title={trans.__('Strongest pairs')}>
      <div
        className="orrery-eda-view-table"
        tabIndex={0}
        role="region"
        aria-label={trans.__('Strongest pairs')}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">{trans.__('Column')}</th>
              <th scope="col">{trans.__('Column')}</th>
              <th scope="col">{trans.__('Strength')}</th>
              <th scope="col">{trans.__('Measure')}</th>
              <th scope="col">{trans.__('Rows')}</th>
            </tr>
          </thead>
          <tbody>
            {pairs.slice(0, most).map(([pair, ...others], line) => (
              <tr key={line}>
                {[pair.a, pair.b].map((column, side) => (
                  <td key={side}>
                    <CodeButton
                      wanted={{ what: 'column', column }}
                      about={model.name(column)}
                    >
                      <Name name={model.name(column)} />
                    </CodeButton>
                  </td>
                ))}
                <td>
                  <CodeButton
                    wanted={{
                      what: 'statistic',
                      statistic: 'associations',
                      column: pair.a
                    }}
                    about={words.measures[pair.measure]}
                  >
                    <Strength value={pair.value} />
                  </CodeButton>
                </td>
                <td className="orrery-eda-view-quiet">
                  {[
                    words.measures[pair.measure],
                    ...others.map(
                      one => `${words.measures[one.measure]} ${short(one.value)}`
                    )
                  ].join(', ')}
                </td>
                <td data-kind="number">{whole(pair.rows)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rest > 0 && (
        <Action
          label={trans._n('Show %1 more', 'Show %1 more', rest)}
          onClick={() => setMost(pairs.length)}
        />
      )}
    </Block>
  );
}

/** How strong a tie is, as a bar with its sign. */
export function Strength({ value }: { value: number }): JSX.Element {
  return (
    <span className="orrery-eda-view-strength" data-sign={value < 0 ? 'minus' : 'plus'}>
      <span className="orrery-eda-view-share-track" aria-hidden>
        <span style={{ inlineSize: `${Math.abs(value) * 100}%` }} />
      </span>
      <span className="orrery-eda-view-number">{short(value)}</span>
    </span>
  );
}

function Grid({ scatter }: { scatter: Scatter }): JSX.Element {
  const { model, trans } = useView();
  const { a, b, counts, x_edges: x, y_edges: y } = scatter;
  const highest = Math.log1p(Math.max(1, ...counts.map(row => Math.max(0, ...row))));
  const [width, height] = [counts[0]?.length ?? 1, counts.length];
  const all = counts.reduce(
    (sum, row) => sum + row.reduce((total, count) => total + count, 0),
    0
  );
  const [nameA, nameB] = [model.name(a), model.name(b)];
  return (
    <figure className="orrery-eda-view-scatter">
      <figcaption>
        <CodeButton
          wanted={{ what: 'statistic', statistic: 'associations', column: a }}
          about={trans.__('%1 against %2', nameB, nameA)}
        >
          <Name name={nameB} /> {trans.__('against')} <Name name={nameA} />
        </CodeButton>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={trans.__('%1 against %2: %3 rows', nameB, nameA, whole(all))}
      >
        {counts.flatMap((row, line) =>
          row.map(
            (count, place) =>
              count > 0 && (
                <rect
                  key={`${line} ${place}`}
                  x={place}
                  y={height - 1 - line}
                  width={1}
                  height={1}
                  fillOpacity={0.15 + 0.85 * (Math.log1p(count) / highest)}
                >
                  <title>
                    {trans.__(
                      '%1 to %2 and %3 to %4: %5',
                      number(x[place]),
                      number(x[place + 1]),
                      number(y[line]),
                      number(y[line + 1]),
                      `${whole(count)} (${share(count / all)})`
                    )}
                  </title>
                </rect>
              )
          )
        )}
      </svg>
      <span className="orrery-eda-view-axis" aria-hidden>
        <span>{number(x[0])}</span>
        <span>{number(x[x.length - 1])}</span>
      </span>
    </figure>
  );
}

function short(value: number): string {
  return value.toFixed(2).replace(/^-0\.00$/, '0.00');
}

function clamp(to: number, count: number): number {
  return Math.max(0, Math.min(to, count - 1));
}
