using System.Reflection;
using ServerlessImages.Api;
using ServerlessImages.Drawn;
using ServerlessImages.Storage;

namespace ServerlessImages.Tests;

/// <summary>The borders between the projects, as they are in the built assemblies.</summary>
public sealed class ArchitectureTests
{
    private static readonly Assembly Core = typeof(ApiError).Assembly;
    private static readonly Assembly Adapters = typeof(StorageRegistration).Assembly;
    private static readonly Assembly Api = typeof(ServerlessImagesApp).Assembly;

    private static readonly string[] Vendors = ["Azure.", "OpenAI", "Stripe", "SkiaSharp", "MailKit", "MimeKit", "Microsoft.Data.Sqlite", "SQLitePCL", "System.ClientModel"];

    [Fact]
    public void The_rules_stand_on_the_base_library_alone()
    {
        Assert.All(References(Core), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
    }

    [Fact]
    public void The_API_sees_no_vendors_types()
    {
        Assert.All(References(Api), name => Assert.DoesNotContain(Vendors, vendor => name.StartsWith(vendor, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_vendors_are_looked_for_under_their_right_names()
    {
        Assert.Contains(References(Adapters), name => name.StartsWith("Azure.", StringComparison.Ordinal));
        Assert.Contains("SkiaSharp", References(Adapters));
        Assert.Contains(References(Adapters), name => name.StartsWith("Stripe", StringComparison.Ordinal));
        Assert.Contains("Microsoft.Data.Sqlite", References(Adapters));
        Assert.Contains("MailKit", References(Adapters));
        Assert.Contains("MimeKit", References(Adapters));
    }

    [Fact]
    public void The_adapters_do_not_know_the_API()
    {
        Assert.DoesNotContain(References(Adapters), name => name.StartsWith("ServerlessImages.", StringComparison.Ordinal) && name != Core.GetName().Name);
    }

    [Fact]
    public void The_command_line_knows_nothing_but_HTTP()
    {
        Assert.DoesNotContain(References(typeof(ServerlessImages.Cli.CliHost).Assembly), name => name.StartsWith("ServerlessImages", StringComparison.Ordinal));
    }

    [Fact]
    public void The_adapters_show_only_their_options_and_how_they_are_added()
    {
        Assert.All(Adapters.GetExportedTypes(), type => Assert.True(MayBePublic(type), $"{type.FullName} could be internal."));
    }

    private static bool MayBePublic(Type type) =>
        type.IsEnum || type.Name.EndsWith("Options", StringComparison.Ordinal) || IsRegistration(type) || type == typeof(Painter) || type == typeof(Painting);

    private static bool IsRegistration(Type type) =>
        type is { IsAbstract: true, IsSealed: true }
        && type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).All(method => method.Name.StartsWith("Add", StringComparison.Ordinal));

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(each => each.Name!);
}
