/** A write request, or some of its lines, that the embedded store does not take. The message is for the sender. */
export class WriteRefused extends Error {
  override readonly name = 'WriteRefused';
  readonly status: 400 | 401 | 404 | 405 | 413 | 422;
  /** InfluxDB's word for the kind of error. */
  readonly code: string;

  constructor(status: WriteRefused['status'], code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}
