/**
 * How a run is started.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { toError } from '../base/errors';
import type { FramesModel } from './frames';
import type { EdaModel } from './model';
import type { Options, Run, RunIn, SourceIn } from './schemas';
import { sourceOf } from './source';

// A full report takes minutes: a budget that was made for a profile would end it.
const REPORT_SECONDS = 900;
const HANDOVER_ID = /^[0-9a-f]{32}$/;

export interface IStarterOptions {
  model: Pick<EdaModel, 'start'>;
  frames: Pick<FramesModel, 'find' | 'handOver'>;
  /** The options that the person has set. */
  options: () => Options;
  trans: TranslationBundle;
}

/** Starts runs; dataframes are handed over to the server first. */
export class RunStarter {
  constructor(private readonly parts: IStarterOptions) {}

  /** Start a run as it is described. */
  async start(request: RunIn): Promise<Run> {
    const { newer, task, parent } = request;
    const source = newer ? request.source : await this._current(request.source);
    // A comparison with a stored profile has the name of its source, which is not read again.
    const isStored = task === 'comparison' && parent;
    const against =
      request.against && !isStored ? await this._current(request.against) : null;
    return this.parts.model.start({ ...request, source, against });
  }

  /** Profile a source; options that are left out are as the person has set them. */
  profile(source: SourceIn, options: Partial<Options> = {}): Promise<Run> {
    return this.start({
      task: 'profile',
      source,
      options: { ...this.parts.options(), ...options }
    });
  }

  /** Compare a source with an older or reference one. */
  compare(source: SourceIn, against: SourceIn): Promise<Run> {
    const options = this.parts.options();
    return this.start({ task: 'comparison', source, against, options });
  }

  /** Compare the source of a stored profile, as it is now, with the profile. */
  compareNow({ source, id: parent, options }: Run): Promise<Run> {
    return this.start({ task: 'comparison', source, parent, options });
  }

  /** Compare two stored profiles; no data are read. */
  compareProfiles(older: Run, { source, id: newer, options }: Run): Promise<Run> {
    return this.start({
      task: 'comparison',
      source,
      parent: older.id,
      newer,
      options
    });
  }

  /** Make the full report of the source of a run. */
  fullReport({ source, id: parent, options }: Run): Promise<Run> {
    const seconds = Math.max(options.seconds, REPORT_SECONDS);
    return this.start({
      task: 'report',
      source,
      parent,
      options: { ...options, seconds }
    });
  }

  /** Start a run once more, on its source as it is now. */
  repeat({ task, source, against, options, parent, newer }: Run): Promise<Run> {
    return this.start({ task, source, against, options, parent, newer });
  }

  /** The source as it is now: a dataframe that was handed over may have another value by now. */
  private async _current(source: SourceIn): Promise<SourceIn> {
    const { kind, location, name } = source;
    const isHere = this.parts.frames.find(name) !== null || !HANDOVER_ID.test(location);
    return kind === 'frame' && isHere ? this._handOver(name) : source;
  }

  private async _handOver(name: string): Promise<SourceIn> {
    const { frames, trans } = this.parts;
    const handover = await frames.handOver(name);
    if (!handover) {
      throw toError({
        code: 'backend_unavailable',
        message: trans.__('%1 could not be handed over', name),
        reason: trans.__(
          'Its kernel is gone or busy, is no Python, or has no Orrery in its environment'
        ),
        remedy: trans.__(
          'Wait until it is idle, or install jupyter-orrery there, and try again'
        )
      });
    }
    return sourceOf({ kind: 'frame', location: handover.id, name });
  }
}
