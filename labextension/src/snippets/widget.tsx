/**
 * The panel of the snippets.
 */
import { signalToPromise } from '@jupyterlab/coreutils';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import React from 'react';

import { executeOwn } from '../base/registry';
import { useSignal } from '../base/hooks';
import { loaded } from '../base/lazy';
import { notifyError } from '../base/notify';
import { ListBody } from '../base/panel/emptystate';
import { FilterField } from '../base/panel/filterfield';
import { VirtualList } from '../base/panel/virtuallist';
import { PanelWidget } from '../base/panel/widget';
import { CommandIDs } from './commands';
import { SnippetsContext, useSnippets, type ISnippetsContext } from './context';
import { snippetsIcon } from './icons';
import { DraftDrop } from './insert/draftdrop';
import { SNIPPET_MIME, type SnippetDrag } from './insert/drag';
import { Filters } from './panel/filters';
import type { SnippetsModel } from './model';
import { Footer } from './panel/footer';
import { HoverCard, useHover } from './panel/hovercard';
import { Preview } from './panel/preview';
import { snippetRow } from './panel/row';
import type { Snippet, SnippetQuery } from './schemas';
import { PANEL_ID } from './tokens';
import { FileDrop } from './transfer/filedrop';
import { activeImports } from './transfer/importjob';

/** The content of the panel; cells, text and files can be dropped onto it. */
export function createPanel(
  context: ISnippetsContext,
  drag: SnippetDrag,
  translator: ITranslator
): PanelWidget {
  const { commands, model, toolbar, trans } = context;
  const run = (id: string, args: object): void =>
    void executeOwn(commands, id, args as ReadonlyPartialJSONObject);
  const panel = new PanelWidget({
    name: PANEL_ID,
    title: trans.__('Snippets'),
    translator,
    toolbar,
    body: (
      <SnippetsContext.Provider value={context}>
        <SearchField />
        <Filters />
        <Nearest />
        <Body drag={drag} />
        <Footer />
      </SnippetsContext.Provider>
    ),
    onShow: () => void model.open()
  });
  void resumeImports(context).catch(error => notifyError(error, trans));
  const { node } = panel;
  const drops = [
    new DraftDrop({ node, onDraft: draft => run(CommandIDs.new, { draft }) }),
    new FileDrop({
      node,
      onFiles: chosen => run(CommandIDs.import, chosen),
      onError: error => notifyError(error, trans)
    })
  ];
  panel.disposed.connect(() => drops.forEach(drop => drop.dispose()));
  return panel;
}

/** Follow what was being imported before the page was loaded again. */
async function resumeImports(context: ISnippetsContext): Promise<void> {
  const jobs = await activeImports(context);
  if (jobs.length > 0) {
    const { followImports } = await loaded(import('./transfer/import'));
    await followImports(context, jobs);
  }
}

function SearchField(): JSX.Element {
  const { commands, model, trans } = useSnippets();
  useSignal(model.changed);
  const insert = async (): Promise<void> => {
    const best = await bestMatch(model);
    if (best) {
      await executeOwn(commands, CommandIDs.insert, { id: best.id });
    }
  };
  return (
    <FilterField
      placeholder={trans.__('Search snippets')}
      title={trans.__('Search name, tag, code; Enter inserts the best match')}
      value={model.query.q ?? ''}
      onChange={q => model.filter({ q })}
      onEnter={() => void insert()}
    />
  );
}

/**
 * The best match of what is in the field now; what is on its way is waited for. None where only near ones are known.
 */
async function bestMatch(model: SnippetsModel): Promise<Snippet | undefined> {
  const { query } = model;
  while (model.outdated && model.state !== 'failed' && model.query === query) {
    await signalToPromise(model.changed);
  }
  if (model.query !== query || model.outdated || model.exactCount === 0) {
    return undefined;
  }
  if ((query.sort ?? 'relevance') === 'relevance') {
    return model.items[0];
  }
  // The list has another order: the best is not its first.
  const { items } = await model.search({
    ...query,
    sort: 'relevance',
    offset: 0,
    limit: 1
  });
  return items[0];
}

/** Says that the rows below have most of the words, but not all. */
function Nearest(): JSX.Element | null {
  const { model, trans } = useSnippets();
  useSignal(model.changed);
  return model.exactCount === 0 && model.total > 0 ? (
    <p className="orrery-snippets-nearest" role="status">
      {trans.__('No snippet has all these words. Nearest:')}
    </p>
  ) : null;
}

function Body({ drag }: { drag: SnippetDrag }): JSX.Element {
  const { commands, model, trans } = useSnippets();
  useSignal(model.changed);
  const step = (id: string): { label: string; run: () => void } => ({
    label: commands.label(id),
    run: () => void executeOwn(commands, id)
  });
  return (
    <ListBody
      model={model}
      icon={snippetsIcon}
      failedTitle={trans.__('The snippets could not be loaded')}
      noMatchTitle={trans.__('No snippet matches')}
      noneYet={noneYet(model.query, trans)}
      empty={{
        title: trans.__('No snippets yet'),
        text: trans.__(
          'A snippet is a piece of code that you keep, find and insert again. Drag cells here, save what you have selected, or write one.'
        ),
        steps: [step(CommandIDs.new), step(CommandIDs.saveSelection)]
      }}
    >
      <Snippets drag={drag} />
    </ListBody>
  );
}

/** The words of a query that are made bold in the rows: among others, short ones such as "a" and "of" say nothing. */
function telling(query: string): readonly string[] {
  const words = query.split(/\s+/);
  const long = words.filter(word => word.length > 2);
  return long.length > 0 ? long : words;
}

/** What to say of a scope or of the favourites that have nothing yet; null when something is searched for. */
function noneYet(
  { q, tag, language, scope, favourite }: SnippetQuery,
  trans: TranslationBundle
): { title: string; text: string } | null {
  if (q || tag?.length || language || (scope && favourite)) {
    return null;
  }
  const texts: Record<NonNullable<SnippetQuery['scope']>, string> = {
    mine: trans.__('Snippets that you save are listed here; only you see them.'),
    project: trans.__('Snippets that are shared with the project are listed here.'),
    everyone: trans.__('Snippets that are shared with everyone are listed here.'),
    library: trans.__('Snippets of the libraries are listed here.')
  };
  const text = favourite
    ? trans.__('Snippets that you mark with a star are listed here.')
    : texts[scope ?? 'mine'];
  return { title: trans.__('None yet'), text };
}

/** The rows: a click or Enter shows the snippet below its row. */
function Snippets({ drag }: { drag: SnippetDrag }): JSX.Element {
  const context = useSnippets();
  const { commands, inserter, model, preferences, selection, trans } = context;
  useSignal(inserter.targetChanged);
  useSignal(preferences.changed);
  const { preview, sort } = preferences.values;
  const hover = useHover(preview);
  const runs =
    (command: string) =>
    ({ id }: Snippet): void =>
      void executeOwn(commands, command, { id });
  const attempt = (change: Promise<unknown>): void =>
    void change.catch(error => notifyError(error, trans));
  return (
    <>
      <VirtualList
        label={trans.__('Snippets')}
        source={model}
        selection={selection}
        row={snippet => snippetRow(context, snippet)}
        heading={index =>
          index > 0 && index === model.exactCount
            ? trans.__('Nearest, with most of these words:')
            : null
        }
        details={snippet => <Preview snippet={snippet} />}
        onOpen={({ id, unseen }) => unseen && attempt(model.mark(id, { seen: true }))}
        onRename={runs(CommandIDs.edit)}
        onDelete={snippet =>
          selection.has(snippet.id) && selection.keys.length > 1
            ? void executeOwn(commands, CommandIDs.delete)
            : runs(CommandIDs.delete)(snippet)
        }
        accelKeys={{ c: runs(CommandIDs.copy), d: runs(CommandIDs.duplicate) }}
        words={telling(model.query.q ?? '')}
        onDrag={(snippet, x, y) => void drag.start(snippet, x, y)}
        drop={
          sort === 'position'
            ? {
                mime: SNIPPET_MIME,
                onDrop: (snippet, index) =>
                  attempt(model.move((snippet as Snippet).id, index))
              }
            : undefined
        }
        hover={hover}
      />
      {hover.card && (
        <HoverCard {...hover.card} onEnter={hover.stay} onLeave={hover.leave} />
      )}
    </>
  );
}
