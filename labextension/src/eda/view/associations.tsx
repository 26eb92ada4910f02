/**
 * What columns tell of each other: a heat map, the strongest pairs, and two against each other.
 */
import React, { useMemo, useState } from 'react';

import type { Association } from '../schemas';
import { DensityChart } from './charts/density';
import { coefficient, HeatMap } from './charts/heatmap';
import { matrixOf, pairsOf } from './charts/matrix';
import { Action, Block, ColumnLink, Empty, LoadingPage, WithCode } from './components';
import { useNames, useView } from './context';
import { whole } from './format';

const MOST_COLUMNS = 30;
const FIRST_PAIRS = 15;

/** The section about pairs of columns. */
export function Associations(): JSX.Element {
  const { model, trans } = useView();
  const { associations = [], scatters = [] } = model.overview ?? {};
  const matrix = useMemo(() => matrixOf(associations, MOST_COLUMNS), [associations]);
  useNames(matrix.columns);
  useNames(scatters.flatMap(({ a, b }) => [a, b]));
  if (!associations.length && !scatters.length) {
    return model.active ? (
      <LoadingPage />
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
            {scatters.map((scatter, index) => (
              <DensityChart key={index} scatter={scatter} />
            ))}
          </div>
        </Block>
      )}
    </div>
  );
}

function Pairs({
  associations
}: {
  associations: readonly Association[];
}): JSX.Element {
  const { trans } = useView();
  const [most, setMost] = useState(FIRST_PAIRS);
  const pairs = useMemo(() => pairsOf(associations), [associations]);
  const rest = pairs.length - most;
  useNames(pairs.slice(0, most).flatMap(([{ a, b }]) => [a, b]));
  const headers = [
    trans.__('Column'),
    trans.__('Column'),
    trans.__('Strength'),
    trans.__('Measure'),
    trans.__('Rows')
  ];
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
              {headers.map((header, index) => (
                <th key={index} scope="col">
                  {header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {pairs.slice(0, most).map((measures, index) => (
              <PairRow key={index} measures={measures} />
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

/** A pair with its strongest measure; the others are named beside it. */
function PairRow({ measures }: { measures: readonly Association[] }): JSX.Element {
  const { labels, model } = useView();
  const [pair, ...others] = measures;
  return (
    <tr>
      {[pair.a, pair.b].map((column, index) => (
        <td key={index}>
          <ColumnLink name={model.name(column)} />
        </td>
      ))}
      <td>
        <WithCode
          request={{ what: 'statistic', statistic: 'associations', column: pair.a }}
          about={labels.measures[pair.measure]}
        >
          <Strength value={pair.value} />
        </WithCode>
      </td>
      <td className="orrery-eda-view-quiet">
        {[
          labels.measures[pair.measure],
          ...others.map(
            ({ measure, value }) => `${labels.measures[measure]} ${coefficient(value)}`
          )
        ].join(', ')}
      </td>
      <td data-kind="number">{whole(pair.rows)}</td>
    </tr>
  );
}

/** How strong a tie is, as a bar with its sign. */
export function Strength({ value }: { value: number }): JSX.Element {
  return (
    <span className="orrery-eda-view-strength" data-sign={value < 0 ? 'minus' : 'plus'}>
      <span className="orrery-eda-view-share-track" aria-hidden>
        <span style={{ inlineSize: `${Math.abs(value) * 100}%` }} />
      </span>
      <span className="orrery-eda-view-number">{coefficient(value)}</span>
    </span>
  );
}
