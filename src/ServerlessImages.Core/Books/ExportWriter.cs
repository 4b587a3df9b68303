using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>
/// Writes a closed day's entries out of the store: JSON lines in blobs <c>books/{partition}/{day}/{part}.jsonl</c>. The first line names the SHA-256 of the file
/// before it and the chain's head; each other line is an entry exactly as the chain hashes it. A file depends on the entries alone: written again, it is the same.
/// </summary>
internal sealed class ExportWriter(IBlobStore blobs, LedgerPartition partition, DateOnly day, string previousSha256)
{
    private const int EntriesMax = 5_000;
    private readonly ArrayBufferWriter<byte> lines = new();
    private int entries;

    public int Parts { get; private set; }

    /// <summary>Of the last file, in hex.</summary>
    public string Sha256 { get; private set; } = previousSha256;

    public static string Name(LedgerPartition partition, DateOnly day, int part) => string.Create(CultureInfo.InvariantCulture, $"books/{partition.Key}/{BooksDay.Key(day)}/{part:D4}.jsonl");

    /// <param name="before">What was added up before this entry.</param>
    public async Task AddAsync(LedgerFold before, string key, Columns columns, CancellationToken cancel)
    {
        if (entries == 0) WriteHead(before);
        lines.Write(EntryChain.Canonical(key, columns));
        lines.Write("\n"u8);
        if (++entries == EntriesMax) await FlushAsync(cancel);
    }

    public async Task FlushAsync(CancellationToken cancel)
    {
        if (entries == 0) return;
        var bytes = lines.WrittenSpan.ToArray();
        await blobs.PutAsync(Name(partition, day, Parts), bytes, "application/jsonl", note: "", cancel);
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Parts++;
        entries = 0;
        lines.Clear();
    }

    private void WriteHead(LedgerFold before)
    {
        using (var json = new Utf8JsonWriter(lines))
        {
            json.WriteStartObject();
            json.WriteString("partition", partition.Key);
            json.WriteString("day", BooksDay.Key(day));
            json.WriteNumber("part", Parts);
            json.WriteNumber("first_sequence", before.Sequence + 1);
            json.WriteString("previous_head", before.Head);
            json.WriteString("previous_sha256", Sha256);
            json.WriteEndObject();
        }

        lines.Write("\n"u8);
    }
}
