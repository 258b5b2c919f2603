// The conformance suite imports one function of node:fs that Node 20 has not; what it is used for is not used here.
import { register } from 'node:module';

register(`data:text/javascript,${encodeURIComponent(`
  export function resolve(specifier, context, next) {
    return specifier === 'fs' && context.parentURL?.includes('/conformance/dist/')
      ? { url: 'data:text/javascript,' + encodeURIComponent('export * from "node:fs"; export { default } from "node:fs"; export const globSync = () => [];'), shortCircuit: true }
      : next(specifier, context);
  }`)}`);
