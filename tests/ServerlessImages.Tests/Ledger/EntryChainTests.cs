using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests.Ledger;

/// <summary>The chain over the entries is a promise to people who do not have this code: they can recompute it.</summary>
public sealed class EntryChainTests
{
    /// <summary>Computed with Python's <c>json</c> and <c>hashlib</c>, as <c>docs/money.md</c> shows it.</summary>
    [Fact]
    public void Whatever_a_caller_wrote_any_JSON_writer_makes_the_same_head()
    {
        var entry = new Columns { { "EndUser", "Jürgen 😀 \"x\" \\ <b>&' \t\n\b\u0001\u007f\u00a0\u2028\ue000" }, { "Amount", 5 }, { "Token", "t" }, { "Previous", "p" } };

        Assert.Equal("40e3f078f26100ad0bf67375156563cc2433a5d15e5b015c09781f70b1a5d741", EntryChain.Next(EntryChain.Start, "L|req_1", entry));
    }
}
