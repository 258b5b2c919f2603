/** An answer that is an error, as RFC 9457 tells it. `message` can be shown to a person as it is. */
export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly body: unknown = null) {
    super(message);
    this.name = 'ApiError';
  }

  /** The field of the request that is at fault, where one is. */
  get field(): string | null {
    return (this.body as { field?: string } | null)?.field ?? null;
  }

  static async of(answer: Response): Promise<ApiError> {
    const text = await answer.text();
    try {
      const body = JSON.parse(text) as { code?: string; detail?: string; title?: string };
      return new ApiError(answer.status, body.code ?? 'unknown', body.detail ?? body.title ?? `The instance answered ${answer.status}.`, body);
    } catch {
      return new ApiError(answer.status, 'unknown', `The instance answered ${answer.status} ${answer.statusText}.`);
    }
  }
}

/** The instance can't be reached at all. */
export class Unreachable extends Error {
  constructor() {
    super('The instance does not answer. It may be restarting; this page tries again by itself.');
    this.name = 'Unreachable';
  }
}

/** What a person reads of whatever went wrong. */
export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
