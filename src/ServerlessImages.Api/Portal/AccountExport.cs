using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using ServerlessImages.Accounts;
using ServerlessImages.Api.Billing;
using ServerlessImages.Api.Http;
using ServerlessImages.Api.Keys;
using ServerlessImages.Api.Receipts;
using ServerlessImages.Api.Usage;
using ServerlessImages.Billing;
using ServerlessImages.Keys;
using ServerlessImages.Ledger;
using ServerlessImages.Members;

namespace ServerlessImages.Api.Portal;

/// <summary>Everything that an account takes with it, in one zip: written page by page while it is sent, so that it may be of any size.</summary>
internal sealed class AccountExport(AccountLedger ledger, KeyList keys, MemberDirectory members, SigningKeys signing, IOptions<SiteOptions> site, TimeProvider clock, Customers? customers = null, ISubscriptionCollector? collector = null)
{
    private const int EntriesPerPage = 100;
    private const int KeysPerPage = 100;
    private const int InvoicesPerPage = 100;

    /// <summary>An account has a few a month: for ever long enough, and an end.</summary>
    private const int InvoicesMax = 10_000;

    /// <summary>What is asked of others, and may fail, before the first byte is sent.</summary>
    /// <exception cref="CollectorUnavailableException">The invoices cannot be listed now.</exception>
    public async Task<IReadOnlyList<InvoiceDocument>> InvoicesAsync(string accountId, CancellationToken cancel)
    {
        var all = new List<InvoiceDocument>();
        if (customers is null || collector is null) return all;
        foreach (var customer in await customers.AllOfAsync(accountId, cancel))
        {
            for (string? after = null; all.Count < InvoicesMax; after = all[^1].Id)
            {
                var page = await collector.InvoiceDocumentsAsync(customer, after, InvoicesPerPage, cancel);
                all.AddRange(page);
                if (page.Count < InvoicesPerPage) break;
            }
        }

        return all;
    }

    public async Task WriteAsync(Stream stream, Account account, IReadOnlyList<InvoiceDocument> invoices, CancellationToken cancel)
    {
        var live = new LedgerPartition(account.Id, Livemode: true);
        var balance = await ledger.BalanceAsync(live, cancel);
        await using var zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancel);
        await WriteTextAsync(zip, "README.txt", Readme(account, balance), cancel);
        await WriteEntriesAsync(zip, "entries.jsonl", "", live, balance, entry => Json(json => EventsAnswer.Write(json, entry)), cancel);
        await WriteEntriesAsync(zip, "entries.csv", EntriesCsv.Head, live, balance, EntriesCsv.Line, cancel);
        await WriteEntriesAsync(zip, "receipts.jws.txt", "", live, balance, entry => entry.Entry.IsCharge ? signing.Sign(ReceiptPayload.Of(live, entry, site.Value.PublicUrl!)) + "\n" : "", cancel);
        await WriteTextAsync(zip, "invoices.json", JsonSerializer.Serialize(invoices.Select(InvoiceAnswers.Of), JsonSerializerOptions.Web), cancel);
        await WriteTextAsync(zip, "members.json", JsonSerializer.Serialize((await members.MembersAsync(account.Id, cancel)).Select(each => new { each.Person.Name, each.Person.Email, role = each.Role.ToString().ToLowerInvariant(), since = each.Since.ToUnixTimeSeconds() }), JsonSerializerOptions.Web), cancel);
        await WriteKeysAsync(zip, live, cancel);
    }

    /// <summary>Up to the entry that was the last when the export began, which the README names.</summary>
    private Task WriteEntriesAsync(ZipArchive zip, string name, string head, LedgerPartition partition, Balance balance, Func<ChainedEntry, string> line, CancellationToken cancel) => WriteAsync(zip, name, async file =>
    {
        await file.WriteAsync(head.AsMemory(), cancel);
        for (var after = 0L; after < balance.Sequence; after += EntriesPerPage)
        {
            var page = await ledger.EntriesAfterAsync(partition, after, (int)Math.Min(EntriesPerPage, balance.Sequence - after), cancel);
            foreach (var entry in page) await file.WriteAsync(line(entry).AsMemory(), cancel);
        }
    }, cancel);

    private Task WriteKeysAsync(ZipArchive zip, LedgerPartition live, CancellationToken cancel) => WriteAsync(zip, "keys.jsonl", async file =>
    {
        var kinds = from partition in (LedgerPartition[])[live, live with { Livemode = false }] from revoked in (bool[])[false, true] select (partition, revoked);
        foreach (var (partition, revoked) in kinds)
        {
            KeyPage page;
            ApiKey? after = null;
            do
            {
                page = await keys.PageAsync(partition, revoked, after, KeysPerPage, cancel);
                foreach (var seen in page.Keys) await file.WriteAsync((JsonSerializer.Serialize(KeyAnswers.Of(seen, clock.GetUtcNow(), text: null), JsonSerializerOptions.Web) + "\n").AsMemory(), cancel);
                after = page.Keys.Count > 0 ? page.Keys[^1].Key : after;
            }
            while (page.HasMore && page.Keys.Count > 0);
        }
    }, cancel);

    private string Readme(Account account, Balance balance) => string.Create(CultureInfo.InvariantCulture, $"""
        {account.Name} ({account.Id}), as of {clock.GetUtcNow():yyyy-MM-dd HH:mm} UTC

        entries.jsonl     all {balance.Sequence} entries of the ledger, oldest first, as GET /v1/usage/events has them: each with the head of the chain before and after it
        entries.csv       the same, for spreadsheets
        receipts.jws.txt  a signed receipt for each charge, one a line; the keys are at {site.Value.PublicUrl}{ReceiptsApi.KeysPath.TrimStart('/')}
        invoices.json     the invoices, with links to their documents
        keys.jsonl        the API keys, without their secrets
        members.json      who is in the account

        The last entry is number {balance.Sequence}, and the chain's head is
        {balance.Head}

        """).ReplaceLineEndings("\r\n");

    private static Task WriteTextAsync(ZipArchive zip, string name, string text, CancellationToken cancel) => WriteAsync(zip, name, file => file.WriteAsync(text.AsMemory(), cancel), cancel);

    private static async Task WriteAsync(ZipArchive zip, string name, Func<StreamWriter, Task> write, CancellationToken cancel)
    {
        await using var file = new StreamWriter(await zip.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancel), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await write(file);
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes)) write(json);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length) + "\n";
    }
}
