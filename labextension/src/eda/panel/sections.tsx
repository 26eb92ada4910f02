/**
 * The three sections of the panel: dataframes of the kernel, sources, and reports.
 */
import React, { useMemo } from 'react';

import { executeOwn } from '../../base/registry';
import { useSignal } from '../../base/hooks';
import { usePanel } from '../../base/panel/context';
import { EmptyState, ListBody } from '../../base/panel/emptystate';
import type { ListModel } from '../../base/panel/listmodel';
import { ArraySource } from '../../base/panel/listsource';
import type { IRow } from '../../base/panel/row';
import { Section } from '../../base/panel/section';
import { VirtualList } from '../../base/panel/virtuallist';
import { CommandIDs } from '../commands';
import { useParts } from '../context';
import type { FramesState } from '../frames';
import { IntegrationIDs } from '../integrations';
import type { IFrame } from '../kernel';
import { frameItem, frameKey, runItem, sourceItem, type PanelItem } from '../selection';
import { sourceArgument } from '../source';
import { frameRow, runRow, sourceRow } from './rows';

/** The dataframes of the kernel that the person works with. */
export function Frames(): JSX.Element {
  const { commands, frames, model, selection } = useParts();
  const { trans } = usePanel();
  useSignal(frames.changed);
  useSignal(model.runs.changed);
  const query = model.query.toLowerCase();
  const source = useMemo(() => {
    const list = new ArraySource<IFrame>({
      keyOf: frameKey,
      nameOf: ({ name }) => name
    });
    list.set(frames.items.filter(({ name }) => name.toLowerCase().includes(query)));
    return list;
  }, [frames.items, query]);
  const title = frames.document
    ? trans.__('In %1', frames.document)
    : trans.__('In this notebook');
  return (
    <Section
      id="frames"
      title={title}
      count={frames.state === 'ready' ? source.total : null}
    >
      {source.total > 0 ? (
        <VirtualList
          label={title}
          source={source}
          selection={selection}
          toSelected={frameItem}
          row={frame => frameRow({ commands, frames, trans }, frame)}
          onOpen={({ name }) =>
            void executeOwn(commands, IntegrationIDs.profileFrame, { name })
          }
        />
      ) : (
        <NoFrames />
      )}
    </Section>
  );
}

/** Why there is no dataframe, and how the first one comes to be. */
function NoFrames(): JSX.Element {
  const { frames, model } = useParts();
  const { trans } = usePanel();
  const texts: Record<FramesState, string> = {
    none: frames.document
      ? trans.__('It has no kernel. Start one to see its dataframes.')
      : trans.__('Open a notebook or console to see its dataframes.'),
    loading: trans.__('Asking the kernel…'),
    unknown: trans.__(
      'The kernel does not tell its dataframes: it is busy, is no Python, or has no jupyter-orrery installed.'
    ),
    ready: model.query
      ? trans.__('No dataframe matches.')
      : trans.__('No dataframes yet. Run a cell that makes one.')
  };
  return <EmptyState compact text={texts[frames.state]} />;
}

/** What was profiled before, and what could be. */
export function Sources(): JSX.Element {
  const { commands, model } = useParts();
  const { trans } = usePanel();
  return (
    <ListSection
      id="sources"
      title={trans.__('Sources')}
      noMatch={trans.__('No source matches.')}
      empty={trans.__('Put a CSV or Parquet file into your folder or the lake, or')}
      step={commands.label(CommandIDs.new)}
      list={model.sources}
      toSelected={sourceItem}
      row={source => sourceRow({ commands, model, trans }, source)}
      onOpen={source =>
        source.run
          ? void executeOwn(commands, CommandIDs.open, { id: source.run })
          : void executeOwn(commands, CommandIDs.profile, {
              source: sourceArgument(source)
            })
      }
    />
  );
}

/** The history of runs. */
export function Reports(): JSX.Element {
  const { commands, model } = useParts();
  const { trans } = usePanel();
  return (
    <ListSection
      id="reports"
      title={trans.__('Reports')}
      noMatch={trans.__('No report matches.')}
      empty={trans.__('Nothing was profiled yet: click a source.')}
      list={model.runs}
      toSelected={runItem}
      row={run => runRow({ commands, model, trans }, run)}
      onOpen={({ id }) => void executeOwn(commands, CommandIDs.open, { id })}
      onDelete={({ id }) => void executeOwn(commands, CommandIDs.delete, { id })}
    />
  );
}

interface IListSectionProps<T> {
  id: string;
  title: string;
  noMatch: string;
  /** How the first item comes to be; with `step`, the end is a button that opens the form. */
  empty: string;
  step?: string;
  list: ListModel<T, { q?: string }>;
  toSelected: (item: T) => PanelItem;
  row: (item: T) => IRow;
  onOpen: (item: T) => void;
  onDelete?: (item: T) => void;
}

/** A section with a list that the server cuts into pages. */
function ListSection<T>(props: IListSectionProps<T>): JSX.Element {
  const { id, title, list, step } = props;
  const { commands, model, selection } = useParts();
  const { trans } = usePanel();
  useSignal(list.changed);
  const isKnown = list.total > 0 || list.state === 'ready';
  if (list.filtered && list.state === 'ready' && list.total === 0) {
    return (
      <Section id={id} title={title} count={0}>
        <EmptyState
          compact
          text={props.noMatch}
          steps={[{ label: trans.__('Show all'), run: () => model.search('') }]}
        />
      </Section>
    );
  }
  return (
    <Section id={id} title={title} count={isKnown ? list.total : null}>
      <ListBody
        model={list}
        failedTitle={trans.__('%1 could not be loaded', title)}
        noMatchTitle={props.noMatch}
        empty={{
          text: props.empty,
          steps: step
            ? [{ label: step, run: () => void executeOwn(commands, CommandIDs.new) }]
            : undefined
        }}
        compact
      >
        <VirtualList
          label={title}
          source={list}
          selection={selection}
          toSelected={props.toSelected}
          row={props.row}
          onOpen={props.onOpen}
          onDelete={props.onDelete}
        />
      </ListBody>
    </Section>
  );
}
