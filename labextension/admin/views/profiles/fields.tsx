/**
 * The fields of a hardware profile, by what they are about.
 */
import React from 'react';

import { Section } from '../../form/editor';
import {
  CheckLine,
  ChoiceLine,
  LongTextLine,
  NumberLine,
  SeveralLine,
  SizeLine,
  TextLine
} from '../../form/fields';
import { JsonLine } from '../../form/json';
import { PairsLine, RowsLine, type IRowColumn } from '../../form/rows';
import type { Image, Pool } from '../../schemas';

const MOUNT: readonly IRowColumn[] = [
  { key: 'name', label: 'Name' },
  { key: 'source', label: 'Source' },
  { key: 'path', label: 'Path in the server' },
  { key: 'is_read_only', label: 'Read only', isCheck: true }
];
const DATASET = [...MOUNT, { key: 'description', label: 'Description' }];
const TOLERATION: readonly IRowColumn[] = [
  { key: 'key', label: 'Key' },
  { key: 'operator', label: 'Operator', options: ['Equal', 'Exists'] },
  { key: 'value', label: 'Value' },
  {
    key: 'effect',
    label: 'Effect',
    options: ['', 'NoSchedule', 'PreferNoSchedule', 'NoExecute']
  }
];
const SECRET: readonly IRowColumn[] = [
  { key: 'variable', label: 'Variable' },
  { key: 'secret', label: 'Secret' },
  { key: 'key', label: 'Key' }
];
const VOLUME_HINT =
  'pvc://claim/folder, nfs://server/folder, or on one machine an absolute folder.';

export function ProfileFields(props: {
  readonly pools: readonly Pool[];
  readonly images: readonly Image[];
}): JSX.Element {
  return (
    <>
      <General pools={props.pools} />
      <Resources />
      <Contents />
      <Volumes />
      <Images images={props.images} />
      <Placement />
    </>
  );
}

function General({ pools }: { pools: readonly Pool[] }): JSX.Element {
  return (
    <Section title="General">
      <TextLine path="name" label="Name" isRequired />
      <TextLine
        path="slug"
        label="Identifier"
        isCode
        isRequired
        hint="Lower-case letters, digits and hyphens; programs use it."
      />
      <LongTextLine path="description" label="Description" />
      <ChoiceLine
        path="pool"
        label="Pool"
        options={pools.map(({ slug, name }) => [slug, name])}
      />
      <NumberLine
        path="position"
        label="Position"
        step="1"
        hint="Lists begin with the lowest."
      />
      <CheckLine path="is_hidden" label="Hidden" hint="Nobody can start it." />
      <CheckLine
        path="is_spot"
        label="Spot"
        hint="Its nodes may be taken away at short notice."
      />
    </Section>
  );
}

function Resources(): JSX.Element {
  return (
    <Section title="Resources">
      <NumberLine
        path="devices"
        label="Devices"
        step="1"
        hint="Of the type of its pool."
      />
      <NumberLine path="spec.cpu" label="CPU" hint="Guaranteed and counted." />
      <NumberLine
        path="spec.cpu_limit"
        label="CPU limit"
        isOptional
        hint="Empty: no limit of its own."
      />
      <SizeLine
        path="spec.memory_bytes"
        label="Memory"
        hint="Guaranteed and counted."
      />
      <SizeLine path="spec.memory_limit_bytes" label="Memory limit" isOptional />
      <SizeLine path="spec.storage_bytes" label="Ephemeral storage" isOptional />
      <SizeLine
        path="spec.storage_limit_bytes"
        label="Ephemeral storage limit"
        isOptional
      />
      <NumberLine
        path="spec.start_timeout_seconds"
        label="Start timeout"
        unit="seconds"
        step="1"
      />
      <NumberLine
        path="spec.max_seconds"
        label="Maximum run time"
        unit="seconds"
        step="1"
        isOptional
        hint="Kueue ends the server then; empty: never."
      />
    </Section>
  );
}

function Contents(): JSX.Element {
  return (
    <Section title="Environment and start">
      <PairsLine path="spec.environment" label="Environment variables" />
      <RowsLine
        path="spec.secrets"
        label="Variables from Secrets"
        columns={SECRET}
        blank={{ variable: '', secret: '', key: '' }}
        hint="Kubernetes takes the value from a Secret; no page shows it."
      />
      <LongTextLine
        path="spec.startup_script"
        label="Startup script"
        isCode
        hint="Shell commands that run before the person’s own."
      />
      <CheckLine path="spec.may_set_environment" label="People may add variables" />
      <CheckLine path="spec.may_set_startup_script" label="People may add a script" />
    </Section>
  );
}

function Volumes(): JSX.Element {
  const blank = { name: '', source: '', path: '', is_read_only: true };
  return (
    <Section title="Volumes">
      <RowsLine
        path="spec.mounts"
        label="Mounts"
        columns={MOUNT}
        blank={blank}
        hint={`In every server. ${VOLUME_HINT}`}
      />
      <RowsLine
        path="spec.datasets"
        label="Datasets"
        columns={DATASET}
        blank={{ ...blank, description: '' }}
        hint={`A person may choose them for a server. ${VOLUME_HINT}`}
      />
    </Section>
  );
}

function Images({ images }: { images: readonly Image[] }): JSX.Element {
  const options = images.map(({ slug, name }) => [slug, name] as const);
  return (
    <Section title="Images">
      {options.length === 0 ? (
        <p className="orrery-quiet">
          The catalogue has no image: servers start from the hub’s own.
        </p>
      ) : (
        <>
          <SeveralLine
            path="spec.images"
            label="Images"
            options={options}
            hint="None chosen: every image of the catalogue."
          />
          <ChoiceLine
            path="spec.default_image"
            label="Default image"
            options={[['', 'The first'], ...options]}
          />
        </>
      )}
      <ChoiceLine
        path="spec.image_pull_policy"
        label="Pull policy"
        options={[
          ['', 'As the cluster does'],
          ['Always', 'Always'],
          ['IfNotPresent', 'If it is not on the node'],
          ['Never', 'Never']
        ]}
      />
    </Section>
  );
}

function Placement(): JSX.Element {
  return (
    <Section title="Placement on Kubernetes">
      <PairsLine
        path="spec.node_selector"
        label="Node labels"
        hint="Only nodes that have all of them."
      />
      <RowsLine
        path="spec.tolerations"
        label="Tolerations"
        columns={TOLERATION}
        blank={{ key: '', operator: 'Equal', value: '', effect: '' }}
      />
      <JsonLine
        path="spec.node_affinity"
        label="Node affinity"
        hint="Required node selector terms of Kubernetes, as a JSON list."
      />
      <TextLine path="spec.runtime_class" label="Runtime class" isCode />
      <TextLine path="spec.priority_class" label="Priority class" isCode />
      <TextLine path="spec.queue_priority" label="Priority in Kueue" isCode />
    </Section>
  );
}
