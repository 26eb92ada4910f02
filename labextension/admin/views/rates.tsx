/**
 * Rates: what an hour in each pool costs, and from when on.
 */
import React, { useState } from 'react';

import type { Page } from '../../src/base/schemas';

import { useAdmin } from '../context';
import { Badge, Button, Select, TextField } from '../controls';
import { Dialog } from '../dialog';
import { Moment } from '../format';
import { Facts, ListView, type IList, type IListViewProps } from '../listview';
import { usePoll } from '../poll';
import type { Pool, Rate } from '../schemas';

import { useCurrency } from './budgets/currency';
import { moneyText, parseAmount } from './budgets/words';

const PRICES = [
  ['device', 'Device'],
  ['cpu', 'CPU'],
  ['memory_gib', 'GiB of memory']
] as const;

const COLUMNS: IListViewProps<Rate>['columns'] = [
  { id: 'pool', title: 'Pool', width: 'minmax(140px, 1.5fr)', cell: rate => rate.pool },
  ...PRICES.map(([name, title]) => ({
    id: name,
    title: `${title}, an hour`,
    width: 'minmax(150px, 1fr)',
    cell: (rate: Rate) => moneyText(rate[name], rate.currency)
  })),
  {
    id: 'from',
    title: 'From',
    width: 'minmax(110px, 1fr)',
    cell: rate => <Moment when={rate.valid_from} />
  },
  { id: 'state', title: 'State', width: '110px', cell: rate => <State rate={rate} /> }
];

function State({ rate }: { rate: Rate }): JSX.Element {
  if (rate.is_removable) {
    return <Badge level="warning">Later</Badge>;
  }
  const isOver =
    rate.valid_until !== null && Date.parse(rate.valid_until) <= Date.now();
  return isOver ? <Badge>Past</Badge> : <Badge level="good">Now</Badge>;
}

export function RatesView(): JSX.Element {
  const [isAdding, setAdding] = useState(false);
  const currency = useCurrency();
  return (
    <ListView<Rate>
      title="Rates"
      noun={['rate', 'rates']}
      path="budgets/rates"
      search=""
      sort=""
      columns={COLUMNS}
      idOf={rate => String(rate.id)}
      empty="No pool has a rate: servers cost nothing. Machines of your own have a price too, so that costs can be compared."
      actions={(_, list) => (
        <>
          <Button look="accent" onClick={() => setAdding(true)}>
            New Rate…
          </Button>
          {isAdding && (
            <AddRate
              currency={currency}
              onDone={list.refresh}
              onClose={() => setAdding(false)}
            />
          )}
        </>
      )}
      details={(rate, list) => <Details key={rate.id} rate={rate} list={list} />}
    />
  );
}

function Details(props: { rate: Rate; list: IList<Rate> }): JSX.Element {
  const { rate, list } = props;
  const { api, toasts } = useAdmin();
  const [isRemoving, setRemoving] = useState(false);
  const remove = async () => {
    await api.call(`budgets/rates/${rate.id}`, { method: 'DELETE' });
    toasts.info('Rate removed.');
    list.refresh();
  };
  return (
    <>
      <h2>{rate.pool}</h2>
      <Facts
        facts={[
          ['State', <State key="state" rate={rate} />],
          ...PRICES.map(
            ([name, title]) =>
              [`${title}, an hour`, moneyText(rate[name], rate.currency)] as const
          ),
          ['From', <Moment key="from" when={rate.valid_from} />],
          ['Until', <Moment key="until" when={rate.valid_until} />]
        ]}
      />
      {rate.is_removable ? (
        <div className="orrery-admin-actions">
          <Button look="error" onClick={() => setRemoving(true)}>
            Remove…
          </Button>
        </div>
      ) : (
        <p className="orrery-quiet">What was charged keeps its price.</p>
      )}
      {isRemoving && (
        <Dialog
          title={`Remove the rate of ${rate.pool}`}
          accept="Remove"
          isDangerous
          onAccept={remove}
          onClose={() => setRemoving(false)}
        >
          <p>The rate before it stays valid.</p>
        </Dialog>
      )}
    </>
  );
}

function AddRate(props: {
  currency: string;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { api, toasts } = useAdmin();
  const pools = usePoll<Page<Pool>>('pools?limit=200').value?.items ?? [];
  const [pool, setPool] = useState('');
  const [texts, setTexts] = useState<Record<string, string>>({});
  const prices = PRICES.map(
    ([name]) => [name, parseAmount('money', texts[name] ?? '0')] as const
  );
  const slug = pool || pools[0]?.slug;
  const add = async () => {
    const body = { pool: slug, ...Object.fromEntries(prices) };
    await api.call<Rate>('budgets/rates', { method: 'POST', body });
    toasts.info('Rate added.');
    props.onDone();
  };
  return (
    <Dialog
      title="New Rate"
      accept="Create"
      isReady={slug !== undefined && prices.every(([, price]) => price !== undefined)}
      onAccept={add}
      onClose={props.onClose}
    >
      <Select
        label="Pool"
        value={slug ?? ''}
        options={pools.map(({ slug: value, name }) => [value, name] as const)}
        onChange={setPool}
      />
      {PRICES.map(([name, title]) => (
        <TextField
          key={name}
          label={`${title}, an hour, in ${props.currency}`}
          value={texts[name] ?? '0'}
          required
          onChange={text => setTexts(known => ({ ...known, [name]: text }))}
        />
      ))}
      <p className="orrery-quiet">
        It is valid from now on; what was charged keeps its price.
      </p>
    </Dialog>
  );
}
