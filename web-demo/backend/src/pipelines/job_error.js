/** A failure that its owner can do something about: the message is for a person, the code for a program. */
export class JobError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}
