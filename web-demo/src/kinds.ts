// What this application's jobs carry: the promise of backend/src/pipelines.
import { defineJob, type Job } from '@jobwire/react';

export interface FileMetadata {
  name?: string;
  size?: number;
}

export interface WordCount {
  word: string;
  count: number;
}

export interface PdfResult {
  kind: 'pdf';
  title?: string;
  author?: string;
  pageCount: number;
  pageSize?: string;
  words: number;
  readingMinutes: number;
  wordsPerPage: number[];
  /** Percent of each page that is not white. */
  inkPerPage: number[];
  topWords: WordCount[];
  pictures: string[];
}

export interface Sample {
  /** Seconds from the start. */
  at: number;
  value: number;
}

export interface VideoResult {
  kind: 'video';
  seconds: number;
  container?: string;
  width: number;
  height: number;
  codec: string;
  fps: number;
  audio?: string;
  /** Percent. */
  brightness: Sample[];
  /** kbit/s. */
  bitrate: Sample[];
  pictures: string[];
  preview: string;
}

export interface TextResult {
  kind: 'text';
  characters: number;
  lines: number;
  words: number;
  sentences: number;
  distinctWords: number;
  readingMinutes: number;
  topWords: WordCount[];
  phrases: { phrase: string; count: number }[];
  themes: { word: string; perStretch: number[] }[];
  /** How many sentences have 1-5, 6-10 ... 36 and more words. */
  sentenceLengths: number[];
  summary: string[];
}

export type FileResult = PdfResult | VideoResult | TextResult;
export type FileJob = Job<FileResult, FileMetadata>;

export const pdfJob = defineJob<{ result: PdfResult; metadata: FileMetadata }>('pdf');
export const videoJob = defineJob<{ result: VideoResult; metadata: FileMetadata }>('video');
export const textJob = defineJob<{ result: TextResult; metadata: FileMetadata }>('text');

export const nameOf = (job: Job<unknown, FileMetadata>): string => job.metadata.name ?? job.id;
