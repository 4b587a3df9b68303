using System.ComponentModel.DataAnnotations;
using ServerlessImages.Api.Receipts;
using ServerlessImages.Api.Setup;
using ServerlessImages.Tests.Storage;

namespace ServerlessImages.Tests.Infra;

/// <summary><c>infra/secrets.sh</c> with a stand-in for <c>az</c>, whose vault is a folder.</summary>
public sealed class SecretsScriptTests : IDisposable
{
    private const string Az = """
        echo "$*" >>"$VAULT.calls"
        while [ $# -gt 0 ]; do case $1 in --name) name=$2 ;; --file) file=$2 ;; esac; what="${what:-} $1"; shift; done
        case $what in
            " keyvault secret show"*)
                if [ -e "$VAULT.refuses" ]; then rm "$VAULT.refuses"; echo "(Forbidden) Caller is not authorized" >&2; exit 1; fi
                if [ -e "$VAULT.fails" ]; then echo "The network is down" >&2; exit 1; fi
                [ -e "$VAULT/$name" ] || { echo "(SecretNotFound) A secret with (name/id) $name was not found" >&2; exit 3; } ;;
            " keyvault secret set"*) cp "$file" "$VAULT/$name" ;;
            " functionapp show"*) echo /subscriptions/s/app ;;
        esac
        """;

    private readonly TemporaryFolder folder = new();

    private string Vault => Path.Combine(folder.Path, "vault");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_makes_what_is_missing_and_the_app_takes_it()
    {
        var run = await RunAsync();

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Empty(Problems(new KeyOptions { Peppers = { [1] = await SecretAsync("pepper-1") } }));
        Assert.Empty(Problems(new ReceiptOptions { SigningKeys = { [1] = await SecretAsync("receipt-signing-key-1") } }));
    }

    [Fact]
    public async Task It_changes_nothing_that_is_there()
    {
        await RunAsync();
        var before = (await SecretAsync("pepper-1"), await SecretAsync("receipt-signing-key-1"));

        var again = await RunAsync(peppers: "pepper-1 pepper-2");

        Assert.Equal(0, again.ExitCode);
        Assert.Equal(before, (await SecretAsync("pepper-1"), await SecretAsync("receipt-signing-key-1")));
        Assert.NotEqual(before.Item1, await SecretAsync("pepper-2"));
    }

    [Fact]
    public async Task The_app_looks_again_only_when_there_is_something_new()
    {
        await RunAsync();
        await RunAsync();

        Assert.Equal("rest --method post --url /subscriptions/s/app/config/configreferences/appsettings/refresh?api-version=2022-03-01 --output none", Assert.Single(await CallsAsync(), call => call.StartsWith("rest ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task No_value_stands_on_a_command_line_or_in_the_output_and_no_file_is_left()
    {
        var run = await RunAsync();

        var said = string.Join('\n', await CallsAsync()) + run.Output;
        Assert.DoesNotContain(await SecretAsync("pepper-1"), said, StringComparison.Ordinal);
        Assert.DoesNotContain(await SecretAsync("receipt-signing-key-1"), said, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(folder.Path, "tmp")));
    }

    [Fact]
    public async Task It_waits_until_the_vault_lets_it_in()
    {
        await File.WriteAllTextAsync(Vault + ".refuses", "", TestContext.Current.CancellationToken);

        var run = await RunAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(2, Directory.GetFiles(Vault).Length);
    }

    [Fact]
    public async Task It_makes_nothing_when_it_cannot_know_what_is_there()
    {
        await File.WriteAllTextAsync(Vault + ".fails", "", TestContext.Current.CancellationToken);

        var run = await RunAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("The network is down", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Vault));
    }

    [Fact]
    public async Task A_missing_input_is_named()
    {
        var run = await RunAsync(peppers: "");

        Assert.Equal((1, "Error: PEPPER_SECRETS is not set. It is an output of infra/main.bicep.\n"), (run.ExitCode, run.Errors));
    }

    private async Task<Command> RunAsync(string peppers = "pepper-1")
    {
        var temporary = Directory.CreateDirectory(Path.Combine(folder.Path, "tmp")).FullName;
        Directory.CreateDirectory(Vault);
        return await FakeAz.RunAsync(folder.Path, Az, "secrets.sh", [], new Dictionary<string, string>
        {
            ["TMPDIR"] = temporary,
            ["VAULT"] = Vault,
            ["KEY_VAULT_NAME"] = "kv-test",
            ["PEPPER_SECRETS"] = peppers,
            ["SIGNING_KEY_SECRETS"] = "receipt-signing-key-1",
            ["AZURE_RESOURCE_GROUP"] = "images",
            ["FUNCTION_APP_NAME"] = "images-app",
            ["SECRETS_RETRY_SECONDS"] = "0",
        });
    }

    private static IEnumerable<ValidationResult> Problems(IValidatableObject options) => options.Validate(new ValidationContext(options));

    private Task<string> SecretAsync(string name) => File.ReadAllTextAsync(Path.Combine(Vault, name), TestContext.Current.CancellationToken);

    private Task<string[]> CallsAsync() => File.ReadAllLinesAsync(Vault + ".calls", TestContext.Current.CancellationToken);
}
