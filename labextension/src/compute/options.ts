/**
 * What a server is started with when it moves to another profile.
 */
import type { LaunchChoices, LaunchOptions } from './schemas';

/** A profile for a project, with what was chosen for the server last, as far as the profile takes it. */
export function launchOptions(
  slug: string,
  project: string,
  choices: LaunchChoices | null
): LaunchOptions {
  const last = choices?.last;
  const profile = choices?.profiles.find(other => other.slug === slug);
  const image = last && profile?.images.includes(last.image) ? last.image : '';
  const known = new Set(profile?.datasets.map(({ name }) => name));
  return {
    profile: slug,
    project,
    image,
    tag: image && last ? last.tag : '',
    environment: last && profile?.may_set_environment ? last.environment : {},
    startup_script: last && profile?.may_set_startup_script ? last.startup_script : '',
    datasets: last?.datasets.filter(name => known.has(name)) ?? []
  };
}
