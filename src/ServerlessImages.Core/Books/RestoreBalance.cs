using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>
/// The drill for the day on which the ledger is lost: rebuilds what an account was granted, what of it expires and when, what it was charged and owes from the exported files alone, and
/// believes none that does not fit to the one before it.
/// </summary>
public sealed class RestoreBalance(IBlobStore blobs)
{
    /// <param name="files">The names of the files (<c>books/{partition}/{day}/{part}.jsonl</c>), in their order.</param>
    /// <exception cref="InvalidDataException">A file is missing, was changed, or is out of order.</exception>
    public async Task<LedgerFold> RunAsync(IEnumerable<string> files, CancellationToken cancel)
    {
        var (fold, sha256) = (LedgerFold.Empty, "");
        foreach (var name in files)
        {
            var bytes = await ReadAsync(name, cancel);
            fold = Add(fold, name, bytes, sha256);
            sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        }

        return fold;
    }

    private static LedgerFold Add(LedgerFold fold, string name, byte[] bytes, string previousSha256)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var head = JsonDocument.Parse(lines[0]);
        if (head.RootElement.GetProperty("previous_sha256").GetString() != previousSha256 || head.RootElement.GetProperty("previous_head").GetString() != fold.Head)
        {
            throw new InvalidDataException($"{name} does not follow the file before it.");
        }

        return lines.Skip(1).Aggregate(fold, (before, line) => Add(before, line));
    }

    private static LedgerFold Add(LedgerFold fold, string line)
    {
        using var json = JsonDocument.Parse(line);
        var (key, columns) = ("", new Columns());
        foreach (var member in json.RootElement.EnumerateObject())
        {
            if (member.Name == EntryChain.KeyMember) key = member.Value.GetString()!;
            else if (member.Value.ValueKind == JsonValueKind.Number) columns.Add(member.Name, member.Value.GetInt64());
            else columns.Add(member.Name, member.Value.GetString()!);
        }

        return fold.Add(key, columns);
    }

    private async Task<byte[]> ReadAsync(string name, CancellationToken cancel)
    {
        if (await blobs.OpenAsync(name, cancel) is not { } content) throw new InvalidDataException($"{name} is missing.");
        await using var stream = content.Stream;
        var bytes = new byte[content.LengthBytes];
        await stream.ReadExactlyAsync(bytes, cancel);
        return bytes;
    }
}
