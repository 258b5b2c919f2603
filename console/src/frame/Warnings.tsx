import { status } from '../state/instance';

/** Every standing warning with what to do about it. They go when their cause does, and not before. */
export function Warnings() {
  const warnings = status.value?.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <div class="warnings" role="region" aria-label="Standing warnings">
      {warnings.map((warning, i) => {
        const { message, remedy } = warning;
        const what = message.endsWith(remedy) ? message.slice(0, -remedy.length).trim() : message;
        return (
          <div class="banner warn" key={`${warning.code}${i}`} data-code={warning.code}>
            <p class="grow wrap"><strong>{what}</strong> {remedy} <small class="mono">[{warning.code}]</small></p>
          </div>
        );
      })}
    </div>
  );
}
