/**
 * Advice on sizes: what people asked for, what they used of it, and the smaller profile that would do.
 */
import React from 'react';

import { textColumn } from '../../columns';
import { Badge } from '../../controls';
import { Facts, ListView } from '../../listview';
import type { Advice } from '../../schemas';
import type { IColumn } from '../../table/column';

import { cpuText, deviceText, memoryText, ofText } from './words';

const COLUMNS: readonly IColumn<Advice>[] = [
  textColumn('person', 'Person', advice => advice.person),
  textColumn('profile', 'Profile', advice => advice.profile),
  textColumn('hours', 'Hours', advice => advice.hours.toLocaleString('en'), {
    width: '80px'
  }),
  textColumn('devices', 'Devices used', advice =>
    advice.devices ? deviceText(advice.mean_device_permille) : ''
  ),
  textColumn('cpu', 'Most CPUs', advice =>
    ofText(advice.used_cpu_millis, advice.cpu_millis, cpuText)
  ),
  textColumn(
    'memory',
    'Most memory',
    advice => ofText(advice.used_memory_mib, advice.memory_mib, memoryText),
    { width: 'minmax(130px, 1fr)' }
  ),
  {
    id: 'smaller',
    title: 'Suggested',
    width: 'minmax(120px, 1fr)',
    cell: advice => <Smaller advice={advice} />
  }
];

function Smaller({ advice }: { advice: Advice }): JSX.Element {
  return advice.smaller_profile ? (
    <Badge level="warning">{advice.smaller_profile}</Badge>
  ) : (
    <Badge level="good">Fits</Badge>
  );
}

export function AdviceView(): JSX.Element {
  return (
    <ListView<Advice>
      title="Advice"
      noun={['size', 'sizes']}
      path="culling/advice"
      search="Search person and profile"
      sort=""
      filters={[
        {
          name: 'days',
          label: 'Over',
          initial: '30',
          options: [
            ['7', '7 days'],
            ['30', '30 days'],
            ['90', '90 days'],
            ['365', 'A year']
          ]
        }
      ]}
      columns={COLUMNS}
      idOf={({ person, pool, profile }) => `${person}/${pool}/${profile}`}
      empty="Nothing was measured yet. Labs report what they use each minute."
      details={advice => <Details advice={advice} />}
    />
  );
}

function Details({ advice }: { advice: Advice }): JSX.Element {
  return (
    <>
      <h2>{advice.person}</h2>
      <p>{advice.advice}</p>
      <Facts
        facts={[
          ['Pool', advice.pool],
          ['Profile', advice.profile],
          ['Would do', <Smaller key="smaller" advice={advice} />],
          ['Servers', advice.servers],
          ['Hours measured', advice.hours.toLocaleString('en')],
          ['Devices', advice.devices || 'None'],
          [
            'Devices used on average',
            advice.devices ? deviceText(advice.mean_device_permille) : '–'
          ],
          ['CPUs used on average', cpuText(advice.mean_cpu_millis)],
          ['Most CPUs', ofText(advice.used_cpu_millis, advice.cpu_millis, cpuText)],
          ['Most memory', ofText(advice.used_memory_mib, advice.memory_mib, memoryText)]
        ]}
      />
    </>
  );
}
